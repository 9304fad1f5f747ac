"""What a person's word on a match changes, in sentences: what the creatives were to each other, and are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from creatives.operations.tables import Tables
from shared.counting import many, the_first
from shared.events import Kind, Override

_FOLDER = Path(__file__).parent
_TOLD = 3


class CircleError(ValueError):
    """The creative that shall stand for another is that one's own copy; the message says what to do."""


@dataclass(frozen=True)
class Match:
    """What a creative is to others.

    Attributes:
        creative_id: its id.
        kind: what it is.
        canonical_id: of the creative that stands for it; its own where it stands for itself.
        override: the word that holds on it, if there is one.
        author: whose word that is.
        overridden_at: when it was said.
        copies: the creatives that it stands for.
    """

    creative_id: str
    kind: Kind
    canonical_id: str
    override: str | None
    author: str | None
    overridden_at: datetime | None
    copies: tuple[str, ...]

    @property
    def is_canonical(self) -> bool:
        """Whether it stands for itself."""
        return self.canonical_id == self.creative_id


def matches(tables: Tables, creative_ids: Sequence[str]) -> Mapping[str, Match]:
    """What those of the creatives are to others that have been compared with them."""
    rows = tables.within(_FOLDER).ask("matched", ids=creative_ids)
    found = (
        Match(
            row["creative_id"],
            Kind(row["kind"]),
            row["canonical_id"],
            row["override"],
            row["override_author"],
            row["overridden_at"],
            tuple(row["copies"] or ()),
        )
        for row in rows
    )
    return {match.creative_id: match for match in found}


def require_no_circle(said: Override, now: Mapping[str, Match]) -> None:
    """Whether the creative that shall stand for another does not take its features from that one.

    Raises:
        CircleError: when it does: which of the two would stand for both then is nobody's choice.
    """
    other = now.get(said.canonical_id) if said.canonical_id else None
    if other and other.canonical_id == said.creative_id:
        raise CircleError(
            f"{other.creative_id} is a duplicate of {said.creative_id}: they are one creative already. "
            f"For it to stand for both, split it first, then merge the other into it"
        )


def told(said: Override, now: Mapping[str, Match]) -> list[str]:
    """What a word changes of what was, in sentences; `now` has all creatives that it names."""
    match = now[said.creative_id]
    if said.action == "reset":
        return [_reset(match)]
    if said.action == "split":
        sentences, as_it_is = [_split(match)], True
    else:
        other = now[str(said.canonical_id)]
        sentences, as_it_is = _merged(match, other), other.canonical_id == match.canonical_id
    if match.override == said.action and as_it_is:
        at = f" on {match.overridden_at:%-d %B %Y}" if match.overridden_at else ""
        sentences.append(f"{match.author} said the same{at}")
    return sentences


def _split(match: Match) -> str:
    if not match.is_canonical:
        return f"it is no duplicate of {match.canonical_id} any more, and is analysed for itself"
    alone = "it is a creative of its own already, and stays one whatever comes"
    if not match.copies:
        return f"{alone}; no other creative is its copy"
    return f"{alone}; to part a copy from it, split the copy: {the_first(match.copies, _TOLD)}"


def _merged(match: Match, other: Match) -> list[str]:
    if match.canonical_id == other.canonical_id:
        sentences = [f"{other.canonical_id} stands for it already, and stays so whatever comes"]
    else:
        sentences = [f"{other.canonical_id} stands for it now"]
    if not other.is_canonical:
        sentences.append(f"{other.creative_id} is itself a duplicate of that")
    if match.copies:
        sentences.append(f"its {many(len(match.copies), 'copy', 'copies')} with it: {the_first(match.copies, _TOLD)}")
    return sentences


def _reset(match: Match) -> str:
    if match.override is None:
        return "no split or merge of it is known: what was found holds, as before"
    return f"the {match.override} by {match.author} is taken back: what was found holds again"
