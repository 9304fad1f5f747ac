"""What a call of a paid model took, and how it was billed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from shared.prices import Billed

_MODALITIES = {"TEXT": "text_tokens", "IMAGE": "image_tokens", "VIDEO": "video_tokens", "AUDIO": "audio_tokens"}
_DIGITS = 12  # of a count of tokens

type Json = Mapping[str, Any]


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


def usage_of(counted: Json) -> Usage:
    """The tokens that Gemini says a reply took, by its `usageMetadata`: nothing of it is trusted."""
    read, total = _count(counted.get("promptTokenCount")), _count(counted.get("totalTokenCount"))
    thought, written = _count(counted.get("thoughtsTokenCount")), _count(counted.get("candidatesTokenCount"))
    if written is None and read is not None:
        # A count of nothing is left out. What the total has beyond the counts that are there was written and is paid.
        written = max((total or 0) - read - (thought or 0), 0)
    return Usage(
        input_tokens=read,
        cached_tokens=_count(counted.get("cachedContentTokenCount")),
        thinking_tokens=thought,
        output_tokens=written,
        **_by_modality(counted),
    )


def _by_modality(counted: Json) -> dict[str, int]:
    found: dict[str, int] = {}
    told = counted.get("promptTokensDetails")
    for detail in told if isinstance(told, list) else ():
        if not isinstance(detail, dict):
            continue
        name, count = _MODALITIES.get(str(detail.get("modality"))), _count(detail.get("tokenCount"))
        if name and count is not None:
            found[name] = found.get(name, 0) + count
    return found


def _count(value: object) -> int | None:
    """A number of tokens; 64-bit integers are strings in Google's JSON."""
    digits = str(value)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else None
