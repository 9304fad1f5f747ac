"""What an extractor is: something that looks at one creative and fills in a feature model."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Protocol, Self

from pydantic import BaseModel

from shared.events import Extraction
from shared.prices import Billed
from shared.reasons import Reason, Rejected

MISCONFIGURED = "the model cannot be used as configured"
"""How a line of the log begins that says so: no creative fails for it, and none gets further before it is mended."""


@dataclass(frozen=True)
class Usage:
    """Tokens of a call, or of all the calls that an answer took. `None` where the service did not say.

    Attributes:
        input_tokens: everything the model read; the four that follow are parts of it, by modality.
        cached_tokens: the part of the input that was read from a cache, at its lower price.
        thinking_tokens: thoughts, which are paid like output and are not part of `output_tokens`.
    """

    input_tokens: int | None = None
    text_tokens: int | None = None
    image_tokens: int | None = None
    video_tokens: int | None = None
    audio_tokens: int | None = None
    cached_tokens: int | None = None
    thinking_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Call:
    """One call that was paid for.

    Attributes:
        usage: the tokens it took.
        billed: how, by the service's own word; `None` where it does not say, and so as it was asked for.
    """

    usage: Usage
    billed: Billed | None = None


def total(calls: Iterable[Call]) -> Usage:
    """The tokens of several calls; a count is `None` where no call had it."""
    usages = [call.usage for call in calls]

    def added(name: str) -> int | None:
        counts = [count for usage in usages if (count := getattr(usage, name)) is not None]
        return sum(counts) if counts else None

    return Usage(**{each.name: added(each.name) for each in fields(Usage)})


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
        said: each reply's bytes as they came, the first one first.
        lost: how many calls brought no whole reply and may have been paid for all the same.
        keep: stores one, the last of `said`, where another process finds it.
        note: stores `lost`, as it is by then, where another process finds it.
    """

    said: list[bytes] = field(default_factory=list)
    lost: int = 0
    keep: Callable[[list[bytes]], object] = lambda _: None
    note: Callable[[int], object] = lambda _: None

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


class MisconfiguredError(Exception):
    """The service refuses what we ask, whatever it is about: nobody's creative is at fault, and nothing is failed."""


class LostReplyError(Exception):
    """A call was sent and brought no whole reply: it may have been paid for, and nobody can find out.

    Attributes:
        begun: whether the beginning of a reply came, so that the request was taken.
    """

    def __init__(self, detail: str, *, begun: bool) -> None:
        super().__init__(detail)
        self.begun = begun


class NoReplyError(Exception):
    """Something else came with a reply's status, and nothing was paid for it: it may pass."""


_LONGEST_FAULT = 20_000  # bytes


def a_reply(body: bytes) -> bytes:
    """The body of a response, once it is known to be a reply; what is in it matters to others.

    Raises:
        NoReplyError: when it is a page for people (a proxy's, a network's that wants a sign-in), or only an error.
    """
    if body.lstrip()[:1] == b"<":
        raise NoReplyError(f"not the model but a page answered: {body[:100]!r}")
    if len(body) < _LONGEST_FAULT and b'"error"' in body and (said := _only_error(body)):
        raise NoReplyError(f"the service says of itself: {said[:300]}")
    return body


def _only_error(body: bytes) -> str | None:
    try:
        sent = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    is_reply = not isinstance(sent, dict) or any(sent.get(name) for name in ("choices", "candidates", "usage"))
    return None if is_reply or not sent.get("error") else json.dumps(sent["error"])


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
