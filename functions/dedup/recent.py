"""What this instance decided, and was told, lately: BigQuery shows a row seconds after it was published, or minutes.

Where creatives stand is in the index (memory/index.py); here is what a repeated message is answered with. Nothing
depends on it being there: after a restart BigQuery answers alone, and the worst that comes of a row it does not show
yet is one extraction too many.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.dedup.known import OVERRIDE, History, Known, Ruling
from shared.events import Event, Match


@dataclass(frozen=True)
class Decision:
    """What was decided of a creative.

    Attributes:
        others: what is published of those whose place changed because it came.
        standing: where it stands now, and where they do.
    """

    match: Match
    others: Sequence[Event] = ()
    standing: Sequence[Known] = ()


class Recent:
    """The last decisions, and people's corrections: the oldest are forgotten first."""

    def __init__(self, *, most: int = 20_000) -> None:
        """`most` decisions are kept: at a hundred a second, far more than the lag of a subscription."""
        self._most = most
        self._decisions: OrderedDict[str, Decision] = OrderedDict()
        self._named: OrderedDict[str, None] = OrderedDict()
        self._corrections: OrderedDict[str, Ruling] = OrderedDict()

    @property
    def corrections(self) -> Mapping[str, Ruling]:
        """What people said lately of creatives, by id."""
        return self._corrections

    def remember(self, decision: Decision) -> None:
        """Keeps a decision, unless it only says what a correction says, and what it changes of others."""
        match = decision.match
        if match.method != OVERRIDE:
            self._decisions[match.creative_id] = decision
        if match.canonical_id != match.creative_id:
            self._named[match.canonical_id] = None
        for event in decision.others:
            if isinstance(event, Match):
                earlier = self._decisions.get(event.creative_id)
                self._decisions[event.creative_id] = Decision(event, earlier.others if earlier else ())
        self._forget(self._decisions)
        self._forget(self._named)

    def correct(self, creative_id: str, correction: Ruling) -> None:
        """Keeps a person's word, unless a newer one is kept already."""
        self._corrections[creative_id] = correction.newest(self._corrections.get(creative_id))
        self._forget(self._corrections)

    def decision(self, creative_id: str) -> Decision | None:
        """What was decided here about a creative."""
        return self._decisions.get(creative_id)

    def history(self, creative_id: str) -> History:
        """The same, as a record."""
        decision = self._decisions.get(creative_id)
        return History(decision.match if decision else None, creative_id in self._named)

    def _forget[Kept](self, kept: OrderedDict[str, Kept]) -> None:
        while len(kept) > self._most:
            kept.popitem(last=False)
