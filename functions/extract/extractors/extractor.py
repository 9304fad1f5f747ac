"""What an extractor is: something that looks at one creative and fills in a feature model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

from pydantic import BaseModel

from shared.events import Extraction
from shared.reasons import Reason, Rejected


@dataclass(frozen=True)
class Usage:
    """Tokens of an answer, summed over all the calls it took. `None` where the service did not say.

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
class Answer:
    """What an extractor says of a creative.

    Attributes:
        features: an instance of the feature model that was asked for.
        usage: what it took; `None` where nothing is paid for (offline).
        raw: the answer as it came, for the record.
    """

    features: BaseModel
    usage: Usage | None
    raw: str


@dataclass
class Replies:
    """What a model has said of one creative without giving an answer: paid for, so kept before it is asked again.

    Attributes:
        said: each reply in its extractor's own form, the first one first.
        keep: stores them all where another process finds them.
    """

    said: list[str] = field(default_factory=list)
    keep: Callable[[list[str]], object] = lambda _: None

    def add(self, reply: str) -> None:
        """Keeps one more."""
        self.said.append(reply)
        self.keep(self.said)


class Unanswered(Rejected):
    """A rejection that was paid for: the model was asked, and what it said is of no use.

    Attributes:
        usage: what the calls took.
        raw: the last answer as it came, for the record.
    """

    def __init__(self, reason: Reason, detail: str, *, usage: Usage, raw: str) -> None:
        super().__init__(reason, detail)
        self.usage = usage
        self.raw = raw

    @classmethod
    def after(cls, refusal: Rejected, usage: Usage, earlier: Replies) -> Self:
        """A refusal that came after replies that were paid for."""
        return cls(refusal.reason, refusal.detail, usage=usage, raw=earlier.said[-1])


class Extractor(Protocol):
    """Looks at creatives. One instance serves all threads of a process.

    Attributes:
        name: which extractor it is: offline, gemini or azure.
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
