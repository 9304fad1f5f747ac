"""What is read in a creative: views of it, each a picture with its lines; a still picture can be looked at closer."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageStat

from functions.verify.matching import Words
from shared.media import ocr, showing
from shared.media.frames import Film, Frame
from shared.media.ocr import Line
from shared.media.storyboards import Scene

MOST_LOOKS = 16
"""Frames of a video that are read, each in a third of a second; those like the one before are not read again."""

LOOK_S, SHORT_S = 0.25, 15.0
"""Seconds from one look to the next, and how long a video is at most that is looked at so often: a banner's, whose
cards may be shown for a third of a second. Longer ones are looked at `MOST_LOOKS` times."""

_SAME_LEVELS = 2.0  # of 255: the mean difference of two frames, much reduced, that show the same
_SAME_PLACE = 20.0  # the same of a place as large as a letter
_PLACE = 8  # pixels

CLOSER = 1472
"""Pixels of the longer side at which words are looked for when looking closer: twice as many as at first."""

_MOST_ENLARGED = 2.0


@dataclass(frozen=True)
class View:
    """What was read in one picture.

    Attributes:
        lines: in reading order, those that the reader is not sure of too.
        unread: lines that were found and not read, or not for sure.
        size: of the picture, whose pixels the lines' boxes count.
        at_s: the second at which it is shown; None of a still.
    """

    lines: Sequence[Line]
    unread: Sequence[Line]
    size: tuple[int, int]
    at_s: float | None = None

    @cached_property
    def words(self) -> Words:
        """To look for quotations in."""
        return Words(self.lines)


@dataclass(frozen=True)
class Looks:
    """All that was read in a creative.

    Attributes:
        views: of it, in order of time.
        has_sound: whether words may be said instead of shown.
        closer: looks closer, where that can be done.
    """

    views: Sequence[View]
    has_sound: bool = False
    closer: Callable[[], View] | None = None

    @cached_property
    def all_lines(self) -> Sequence[tuple[View, Line]]:
        """All lines in order of time, each of the view that shows it first."""
        first = {line.text: (view, line) for view in reversed(self.views) for line in reversed(view.lines)}
        shown = {id(line) for _, line in first.values()}
        return [(view, line) for view in self.views for line in view.lines if id(line) in shown]

    @cached_property
    def all_words(self) -> Words:
        """To look for quotations in that several views show a part of."""
        return Words([line for _, line in self.all_lines])


def at_picture(picture: Image.Image) -> Looks:
    """Reads an upright RGB picture."""
    return Looks([_view(picture)], closer=lambda: closer_view(picture))


def at_scenes(scenes: Sequence[Scene]) -> Looks:
    """Reads the scenes of an animation: each, however many, since any may hold what is quoted."""
    return Looks([_view(Image.fromarray(each.picture), each.seconds) for each in scenes])


def at_film(film: Film, opened: Callable[[bytes], Image.Image], named: Sequence[float] = ()) -> Looks:
    """Reads frames of a video that show something else than those before: what is shown at the seconds that are named,
    and others evenly.
    """
    frames = _chosen(list(_changed(film.frames, opened)), named)
    return Looks([_view(opened(frame.jpeg), frame.second) for frame in frames], film.has_sound)


def looks(duration_s: float) -> list[float]:
    """The seconds at which a video is looked at, evenly over all of it."""
    if duration_s > SHORT_S:
        return showing.looks(duration_s)
    return [round(number * LOOK_S, 2) for number in range(math.ceil(duration_s / LOOK_S))] or [0.0]


def _changed(frames: Sequence[Frame], opened: Callable[[bytes], Image.Image]) -> Iterator[Frame]:
    last: Image.Image | None = None
    for frame in frames:
        picture = opened(frame.jpeg)
        small = picture.resize([max(1, side // _PLACE) for side in picture.size], Image.Resampling.BOX)
        if last is None or _differ(last, small):
            last = small
            yield frame


def _chosen(changed: list[Frame], named: Sequence[float]) -> list[Frame]:
    """As many as are read, in order of time; of those that are named the half of it."""
    shown = {max((frame.second for frame in changed if frame.second <= each), default=0.0) for each in named}
    asked = [frame for frame in changed if frame.second in shown][: MOST_LOOKS // 2]
    others = [frame for frame in changed if frame not in asked]
    some = others[:: max(1, -(-len(others) // (MOST_LOOKS - len(asked))))]
    return sorted([*asked, *some], key=lambda frame: frame.second)


def _differ(one: Image.Image, other: Image.Image) -> bool:
    from PIL import ImageChops

    told = ImageStat.Stat(ImageChops.difference(one, other))
    return max(told.mean) > _SAME_LEVELS or max(most for _, most in told.extrema) > _SAME_PLACE


def closer_view(picture: Image.Image) -> View:
    """Looks for words at twice the size, and reads small ones enlarged."""
    scale = min(_MOST_ENLARGED, max(1.0, CLOSER / max(picture.size)))
    return _view(picture.resize((round(picture.width * scale), round(picture.height * scale))), side=CLOSER)


def _view(picture: Image.Image, at_s: float | None = None, side: int = ocr.SIDE) -> View:
    reading = ocr.read_all(picture, side)
    sure = [line for block in reading.blocks for line in block.lines]
    return View(_ordered([*sure, *reading.unsure]), reading.unsure, picture.size, at_s)


def _ordered(lines: Sequence[Line]) -> list[Line]:
    return [line for block in ocr.blocks(lines) for line in block.lines]
