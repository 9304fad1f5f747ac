"""Compares two videos by the frames of their thumbnails: the same pictures at the same times, but for cut ends.

The frames of two thumbnails need not be of the same moments: a trim moves one grid against the other, a conversion of
the frame rate takes other frames. So each frame is compared with what the other video shows around its time, and the
best of them counts. What lies beyond the other's ends is only asked not to be another scene: a second may be cut off,
an end card may not be.
"""

from collections.abc import Iterator, Sequence

from functions.dedup.verification import SAME_RESIDUAL, UNALIGNED_SCORE, Comparison
from functions.dedup.verification import compare as compare_pictures
from shared.thumbnails import Grey, TimedGrey

FAMILY_SHARE = 0.5

_NEIGHBOURHOOD_S = 1.6  # a little over the 1.5 s between the frames of a thumbnail


def compare(one: Sequence[TimedGrey], other: Sequence[TimedGrey], *, shift_s: float) -> Comparison:
    """Compares two videos, what `other` shows at second t lying at second t + `shift_s` of `one`."""
    inside, outside = _compared(one, other, shift_s)
    score = max((frame.score for frame in inside), default=UNALIGNED_SCORE)
    same = score <= SAME_RESIDUAL and all(frame.family or frame.score <= SAME_RESIDUAL for frame in outside)
    alike = sum(frame.family for frame in inside)
    return Comparison(same=same, family=bool(inside) and alike >= FAMILY_SHARE * len(inside), score=score)


def _compared(
    one: Sequence[TimedGrey], other: Sequence[TimedGrey], shift_s: float
) -> tuple[list[Comparison], list[Comparison]]:
    """The frames of both, each compared with the other video: those within its time, and those beyond its ends."""
    inside: list[Comparison] = []
    outside: list[Comparison] = []
    for frames, against, shift in ((other, one, shift_s), (one, other, -shift_s)):
        end = against[-1][0]
        for seconds, grey in frames:
            at = seconds + shift
            within = -0.25 <= at <= end + 0.25
            (inside if within else outside).append(_best(grey, list(_around(against, min(max(at, 0.0), end)))))
    return inside, outside


def _around(frames: Sequence[TimedGrey], at: float) -> Iterator[Grey]:
    """What is shown at a time, then what is shown shortly before and after it, the nearest first."""
    shown = max(index for index, (seconds, _) in enumerate(frames) if seconds <= at or index == 0)
    near = [index for index, (seconds, _) in enumerate(frames) if abs(seconds - at) <= _NEIGHBOURHOOD_S]
    others = sorted((index for index in near if index != shown), key=lambda index: abs(frames[index][0] - at))
    return (frames[index][1] for index in [shown, *others])


def _best(grey: Grey, others: Sequence[Grey]) -> Comparison:
    """The comparison with whichever of `others` is nearest; the first that is the same will do."""
    compared: list[Comparison] = []
    for other in others:
        compared.append(compare_pictures(grey, other))
        if compared[-1].same:
            break
    return min(compared, key=lambda comparison: comparison.score)
