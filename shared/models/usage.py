"""What a call of a paid model took, and how it was billed."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from shared.prices import Billed


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
