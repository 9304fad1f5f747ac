"""Compares two videos by the frames of their thumbnails: the same pictures at the same times, but for cut ends.

The frames of two thumbnails need not be of the same moments: a trim moves one grid against the other, a conversion of
the frame rate takes other frames. So a frame a second is compared with what the other video shows around its time, and
the best of them counts. What lies beyond the other's ends is only asked not to be another scene: a second may be cut
off, an end card may not be.
"""

from collections.abc import Iterator, Sequence

from functions.dedup.verification import SAME_MOVING_RESIDUAL, UNALIGNED_SCORE, Comparison, compare_frames
from shared.thumbnails import Frame

FAMILY_SHARE = 0.5

_COMPARED_EVERY_S = 1.0
_NEIGHBOURHOOD_S = 0.6  # two frames of a thumbnail on each side: the offset is known to half of one
_CUT_S = 0.25


def compare(one: Sequence[Frame], other: Sequence[Frame], *, shift_s: float) -> Comparison:
    """Compares two videos, what `other` shows at second t lying at second t + `shift_s` of `one`."""
    inside, outside = _compared(one, other, shift_s)
    score = max((frame.score for frame in inside), default=UNALIGNED_SCORE)
    same = bool(inside) and all(frame.same for frame in inside) and all(frame.family or frame.same for frame in outside)
    alike = sum(frame.family for frame in inside)
    return Comparison(same=same, family=bool(inside) and alike >= FAMILY_SHARE * len(inside), score=score)


def _compared(
    one: Sequence[Frame], other: Sequence[Frame], shift_s: float
) -> tuple[list[Comparison], list[Comparison]]:
    """Frames of both, each compared with the other video: those within its time, and those beyond its ends."""
    inside: list[Comparison] = []
    outside: list[Comparison] = []
    for frames, against, shift in ((other, one, shift_s), (one, other, -shift_s)):
        end = against[-1].seconds
        for frame in _chosen(frames):
            at = frame.seconds + shift
            within = -_CUT_S <= at <= end + _CUT_S
            (inside if within else outside).append(_best(frame, list(_around(against, min(max(at, 0.0), end)))))
    return inside, outside


def _chosen(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The first frame, one a second, and the last."""
    due = 0.0
    for frame in frames:
        if frame.seconds >= due or frame is frames[-1]:
            due = frame.seconds + _COMPARED_EVERY_S
            yield frame


def _around(frames: Sequence[Frame], at: float) -> Iterator[Frame]:
    """What is shown at a time, then what is shown shortly before and after it, the nearest first."""
    shown = max(index for index, frame in enumerate(frames) if frame.seconds <= at or index == 0)
    near = [index for index, frame in enumerate(frames) if abs(frame.seconds - at) <= _NEIGHBOURHOOD_S]
    others = sorted((index for index in near if index != shown), key=lambda index: abs(frames[index].seconds - at))
    return (frames[index] for index in [shown, *others])


def _best(frame: Frame, others: Sequence[Frame]) -> Comparison:
    """The comparison with whichever of `others` is nearest; the first that is the same will do."""
    compared: list[Comparison] = []
    for other in others:
        compared.append(compare_frames(frame, other, most_residual=SAME_MOVING_RESIDUAL))
        if compared[-1].same:
            break
    return min(compared, key=lambda comparison: (not comparison.same, comparison.score))
