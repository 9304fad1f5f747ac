"""Compares two videos by the frames of their thumbnails: the same pictures at the same times, but for cut ends.

The frames of two thumbnails need not be of the same moments: a trim moves one grid against the other, a conversion of
the frame rate takes other frames. So a frame a second is compared with what the other video shows around its time, and
the best of them counts. What lies beyond the other's ends is only asked not to be another scene: a second may be cut
off, an end card may not be. So it looks like the other's end, or leads there without a cut: a scene that moves behind
words that stand still cannot be laid over itself a second later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.dedup import gate
from functions.dedup.known import hashes
from functions.dedup.verification import SAME_MOVING_RESIDUAL, UNALIGNED_SCORE, Comparison, compare_frames
from shared.media import images
from shared.media.thumbnails import Frame

FAMILY_SHARE = 0.5

_COMPARED_EVERY_S = 1.0
_NEIGHBOURHOOD_S = 0.6  # two frames of a thumbnail on each side: the offset is known to half of one
_CUT_S = 0.25


def compare(one: Sequence[Frame], other: Sequence[Frame], *, shift_s: float) -> Comparison:
    """Compares two videos, what `other` shows at second t lying at second t + `shift_s` of `one`."""
    moments = [*_moments(other, one, shift_s), *_moments(one, other, -shift_s)]
    inside = [_best(moment) for moment in moments if moment.within]
    score = max((found.score for found in inside), default=UNALIGNED_SCORE)
    same = bool(inside) and all(found.same for found in inside)
    same = same and all(_one_scene(moment) for moment in moments if not moment.within)
    alike = sum(found.family for found in inside)
    return Comparison(same=same, family=bool(inside) and alike >= FAMILY_SHARE * len(inside), score=score)


@dataclass(frozen=True, eq=False)
class _Moment:
    """A frame of one video, and what the other shows around its time, the nearest first.

    Attributes:
        way: where the other does not have its time, the frames of its own video from it to the nearest that it has.
    """

    frame: Frame
    shown: list[Frame]
    way: list[Frame]

    @property
    def within(self) -> bool:
        """Whether the other has its time; else its first or its last frame is the nearest."""
        return not self.way


def _moments(frames: Sequence[Frame], against: Sequence[Frame], shift: float) -> Iterator[_Moment]:
    """What is compared of `frames`, whose second t lies at second t + `shift` of `against`."""
    end = against[-1].seconds
    for frame in _chosen(frames):
        at = frame.seconds + shift
        nearest = min(max(at, 0.0), end)
        within = -_CUT_S <= at <= end + _CUT_S
        way = [] if within else [*_way(frames, frame, nearest - shift)]
        yield _Moment(frame, list(_around(against, nearest)), way)


def _way(frames: Sequence[Frame], frame: Frame, to_s: float) -> Iterator[Frame]:
    first, last = sorted((frame.seconds, to_s))
    return (each for each in frames if first <= each.seconds <= last)


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


def _best(moment: _Moment) -> Comparison:
    """The comparison with whichever frame is nearest; the first that is the same will do."""
    compared: list[Comparison] = []
    for other in moment.shown:
        compared.append(compare_frames(moment.frame, other, most_residual=SAME_MOVING_RESIDUAL))
        if compared[-1].same:
            break
    return min(compared, key=Comparison.unlikeness)


def _one_scene(moment: _Moment) -> bool:
    """Whether the frame looks like the end that the other video has, or leads there without a cut."""
    best = _best(moment)
    return best.same or best.family or _without_cut(moment.way)


def _without_cut(frames: Sequence[Frame]) -> bool:
    """Whether each frame is near the one before: at a cut most of a hash changes."""
    shown = hashes([images.dhash(Image.fromarray(frame.grey)) for frame in frames])
    return bool((np.bitwise_count(shown[1:] ^ shown[:-1]) <= gate.IMAGE_RADIUS).all())
