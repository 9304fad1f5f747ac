"""What is read in a creative: views of it, each a picture with its lines; a still picture can be looked at closer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageStat

from functions.verify.matching import Words
from shared.media import ocr
from shared.media.frames import Film
from shared.media.ocr import Line
from shared.media.storyboards import Scene

MOST_LOOKS = 12
"""Frames of a video that are read, each in a third of a second; those like the one before are not read again."""

_SAME_LEVELS = 2.0  # of 255: the mean difference of two frames, much reduced, that show the same
_SMALL = (64, 36)

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
    """Reads the scenes of an animation."""
    return Looks([_view(Image.fromarray(each.picture), each.seconds) for each in scenes[:MOST_LOOKS]])


def at_film(film: Film, opened: Callable[[bytes], Image.Image]) -> Looks:
    """Reads those frames of a video that show something else than the one before."""
    return Looks(list(_film_views(film, opened)), film.has_sound)


def _film_views(film: Film, opened: Callable[[bytes], Image.Image]) -> Iterator[View]:
    last: Image.Image | None = None
    for frame in film.frames[:MOST_LOOKS]:
        picture = opened(frame.jpeg)
        small = picture.resize(_SMALL)
        if last is None or _differ(last, small):
            yield _view(picture, frame.second)
        last = small


def _differ(one: Image.Image, other: Image.Image) -> bool:
    from PIL import ImageChops

    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean) > _SAME_LEVELS


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
