"""The comparison of videos: cut ends and other frames are forgiven, another scene, end card or word is not."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from functions.dedup import videos
from functions.dedup.verification import Comparison
from shared.media import chroma
from shared.media.thumbnails import Frame
from tests import pictures
from tests.functions.dedup import creatives

pytestmark = pytest.mark.slow

LENGTH_S = 12.0
SIZE = (640, 360)

Film = Callable[[float], Image.Image]


def slides(seconds: float, *, words: str = "20% OFF", end: str = "SHOP NOW") -> Image.Image:
    """Three scenes that stand still, one with a promotion in it, and an end card, of three seconds each."""
    if seconds >= 9:
        return creatives.ad(end, seed=50, size=SIZE)
    shown = pictures.draw(*SIZE, seed=60 + int(seconds // 3))
    if 3 <= seconds < 6:
        shown.paste(creatives.ad(words, seed=70, size=(320, 180)), (160, 90))
    return shown


def panning(seconds: float) -> Image.Image:
    """One scene over which the camera moves by five per cent of its width a second."""
    wide = pictures.draw(SIZE[0] * 8 // 5, SIZE[1], seed=60)
    left = round(seconds * SIZE[0] * 0.05)
    return wide.crop((left, 0, left + SIZE[0], SIZE[1]))


def frames(film: Film, *, start: float = 0.0, end: float = LENGTH_S, size: tuple[int, int] = SIZE) -> list[Frame]:
    """A thumbnail of the film from second `start` to `end`: four frames a second, and the last."""
    times = [*np.arange(0, end - start - 0.1, 0.25).tolist(), end - start - 0.04]
    return [frame(film(start + seconds).resize(size), seconds) for seconds in times]


def frame(shown: Image.Image, seconds: float) -> Frame:
    small = shown.resize((340, 191), Image.Resampling.LANCZOS)
    return Frame(seconds, np.asarray(small.convert("L")), chroma.measure(chroma.cells(small)))


def compare(other: list[Frame], *, shift_s: float = 0.0) -> Comparison:
    return videos.compare(frames(slides), other, shift_s=shift_s)


def test_the_same_film_smaller_is_the_same() -> None:
    assert compare(frames(slides, size=(480, 270))).same


@pytest.mark.parametrize("film", [slides, panning])
def test_a_film_of_very_few_bits_is_the_same(film: Film) -> None:
    coarse = frames(lambda seconds: creatives.saved(film(seconds), "JPEG", quality=6), end=3.0)

    assert videos.compare(frames(film, end=3.0), coarse, shift_s=0.0).same


@pytest.mark.parametrize(("start", "end"), [(0.5, 12.0), (1.0, 12.0), (0.0, 11.0), (0.75, 11.25)])
def test_a_film_with_cut_ends_is_the_same(start: float, end: float) -> None:
    found = compare(frames(slides, start=start, end=end), shift_s=start)

    assert found.same, found


def titled(seconds: float) -> Image.Image:
    """A scene that the camera moves over, behind words that stand still."""
    shown = panning(seconds)
    shown.paste(creatives.ad("20% OFF", seed=70, size=(320, 180)), (160, 170))
    return shown


@pytest.mark.parametrize("start", [0.5, 1.0, 1.5])
def test_a_moving_film_with_words_that_stand_still_may_lack_its_start(start: float) -> None:
    cut = frames(titled, start=start)

    assert videos.compare(frames(titled), cut, shift_s=start).same
    assert videos.compare(cut, frames(titled), shift_s=-start).same


def test_a_moving_film_with_frames_a_tenth_of_a_second_late_is_the_same() -> None:
    late = frames(lambda seconds: panning(seconds + 0.1))

    assert videos.compare(frames(panning), late, shift_s=0.0).same


@pytest.mark.parametrize(
    "film",
    [
        lambda seconds: slides(seconds, end="BUY NOW"),
        lambda seconds: slides(seconds, words="50% OFF"),
        lambda seconds: slides(seconds) if seconds < 9 else pictures.draw(*SIZE, seed=99),
    ],
    ids=["other words on the end card", "another promotion in one scene", "another end card"],
)
def test_another_ending_or_promotion_is_a_version(film: Film) -> None:
    found = compare(frames(film))

    assert not found.same
    assert found.family


def test_a_product_of_the_same_grey_in_another_colour_is_a_version() -> None:
    def recoloured(seconds: float) -> Image.Image:
        shown = slides(seconds)
        grey, blue, red = shown.crop((160, 90, 480, 270)).convert("YCbCr").split()
        shown.paste(Image.merge("YCbCr", (grey, red, blue)).convert("RGB"), (160, 90))
        return shown

    found = compare(frames(lambda seconds: recoloured(seconds) if 3 <= seconds < 6 else slides(seconds)))

    assert not found.same
    assert found.family


def test_a_second_of_something_else_at_the_end_is_not_a_cut_end() -> None:
    longer = [*frames(slides), frame(pictures.draw(*SIZE, seed=5), 12.9)]

    assert not compare(longer).same


def test_another_film_is_no_family() -> None:
    found = compare(frames(lambda seconds: pictures.draw(*SIZE, seed=200 + int(seconds // 3))))

    assert not found.same
    assert not found.family


def test_films_that_share_no_time_are_not_the_same() -> None:
    assert not compare(frames(slides), shift_s=100.0).same
