"""What an extractor is: something that looks at one creative and fills in a feature model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

from pydantic import BaseModel

from shared.events import Extraction
from shared.models.usage import Call, Usage, total
from shared.reasons import Reason, Rejected


@dataclass(frozen=True)
class Answer:
    """What an extractor says of a creative.

    Attributes:
        features: an instance of the feature model that was asked for.
        calls: those it took; none where nothing is paid for (offline).
        raw: the answer as it came, for the record.
        unusable: fields whose answer could not be used, and which are null for that.
    """

    features: BaseModel
    calls: tuple[Call, ...]
    raw: str
    unusable: tuple[str, ...] = ()

    @property
    def usage(self) -> Usage | None:
        """The tokens of all calls; `None` where nothing is paid for."""
        return total(self.calls) if self.calls else None


@dataclass
class Replies:
    """What a service has sent about one creative: paid for, so kept before anything looks into it.

    Attributes:
        read: gives what was kept before this process came: each reply's bytes as they came, the first one first.
        read_lost: gives how many calls were noted as lost.
        keep: stores one, the last of `said`, where another process finds it.
        note: stores `lost`, as it is by then, where another process finds it.
    """

    read: Callable[[], list[bytes]] = list
    read_lost: Callable[[], int] = int
    keep: Callable[[list[bytes]], object] = lambda _: None
    note: Callable[[int], object] = lambda _: None

    @cached_property
    def said(self) -> list[bytes]:
        """Each reply's bytes; who asks no service never reads them."""
        return self.read()

    @cached_property
    def lost(self) -> int:
        """How many calls brought no whole reply and may have been paid for all the same."""
        return self.read_lost()

    @property
    def calls(self) -> int:
        """The calls that were, or may have been, paid for."""
        return len(self.said) + self.lost

    def add(self, reply: bytes) -> None:
        """Keeps one more."""
        self.said.append(reply)
        self.keep(self.said)

    def lose(self) -> None:
        """Notes that one more was lost."""
        self.lost += 1
        self.note(self.lost)


class Unanswered(Rejected):
    """A rejection that was paid for: the model was asked, and what it said is of no use.

    Attributes:
        calls: those that were made.
        raw: the last answer as it came, for the record.
    """

    def __init__(self, reason: Reason, detail: str, *, calls: Iterable[Call], raw: str) -> None:
        super().__init__(reason, detail)
        self.calls = tuple(calls)
        self.raw = raw

    @property
    def usage(self) -> Usage:
        """The tokens of all calls."""
        return total(self.calls)

    @classmethod
    def after(cls, refusal: Rejected, calls: Iterable[Call], earlier: Replies) -> Self:
        """A refusal that came after calls that were, or may have been, paid for: what a lost one took is not known."""
        raw = earlier.said[-1].decode(errors="replace") if earlier.said else ""
        return cls(refusal.reason, refusal.detail, calls=list(calls) or [Call(Usage())], raw=raw)


class Extractor(Protocol):
    """Looks at creatives. One instance serves all threads of a process.

    Attributes:
        name: which extractor it is: offline, gemini, azure or openai.
        model: the model that answers, as its service names it.
    """

    name: str
    model: str

    def extract(self, request: Extraction, features: type[BaseModel], earlier: Replies | None = None) -> Answer:
        """What the creative at `request.uri` shows, as an instance of `features`.

        Args:
            request: the creative.
            features: the model to fill in.
            earlier: replies that were paid for before; the conversation goes on after them.

        Raises:
            Rejected: when this creative cannot be described, however often one tries (`Unanswered` if that cost).
            Exception: any other fault, which may pass.
        """
        ...
