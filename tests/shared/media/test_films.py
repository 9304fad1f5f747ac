"""Films: frames come back at their times, as they were but for what H.264 loses; damage is told."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.media import films
from shared.media.films import Film
from shared.media.sounds import RATE, SoundPrint
from tests import pictures, videos


def shown(seconds: list[float], size: tuple[int, int] = (320, 180)) -> list[tuple[float, Image.Image]]:
    return [(at, pictures.draw(*size, seed=number)) for number, at in enumerate(seconds)]


def test_frames_come_back_at_their_times_and_as_they_were() -> None:
    pictures_shown = shown([0.0, 0.04, 0.5, 2.0])

    film = videos.film(pictures_shown, 2.5)

    assert film.seconds.tolist() == pytest.approx([0.0, 0.04, 0.5, 2.0], abs=0.001)
    assert (film.duration_s, film.until_s, film.sound) == (2.5, 2.5, None)
    for luma, (_, picture) in zip(film.luma, pictures_shown, strict=True):
        assert np.abs(luma.astype(int) - np.asarray(picture.convert("L"))).mean() < 3


@pytest.mark.parametrize("ground", ["plain", "busy"])
def test_words_are_kept_however_briefly_and_upon_whatever_they_are_shown(ground: str) -> None:
    def card(words: str) -> Image.Image:
        plain = Image.new("RGB", (320, 180), (40, 90, 160))
        picture = plain if ground == "plain" else pictures.draw(320, 180, seed=3).convert("RGB")
        ImageDraw.Draw(picture).text((20, 90), words, "white", ImageFont.load_default(30))
        return picture

    cards = [(0.0, card("Spring sale")), (2.0, card("19.99 only")), (2.1, card("Shop now")), (4.0, card("Ends today"))]

    film = videos.film(cards, 4.1)

    for luma, (_, picture) in zip(film.luma, cards, strict=True):
        lost = luma.astype(np.float32) - np.asarray(picture.convert("L"))
        assert np.abs(cv2.GaussianBlur(lost, (0, 0), 1.5)).max() < 5


def test_a_frame_that_repeats_the_one_before_is_not_kept() -> None:
    first, second = (picture for _, picture in shown([0, 1]))

    film = videos.film([(0.0, first), (0.5, first), (1.0, second), (1.5, second)], 2.0)

    assert film.seconds.tolist() == pytest.approx([0.0, 1.0])
    assert film.held_s().tolist() == pytest.approx([1.0, 1.0])


def test_what_is_shown_at_a_time_is_the_last_frame_that_began() -> None:
    film = videos.film(shown([0.0, 0.3, 0.9]), 1.2)

    assert film.shown_at(np.array([-1.0, 0.0, 0.29, 0.3, 0.31, 5.0])).tolist() == [0, 0, 0, 1, 1, 2]


def test_its_sound_comes_back() -> None:
    heard = SoundPrint.of(np.sin(np.arange(RATE) / 5).astype(np.float32))

    found = videos.film(shown([0.0]), 1.0, sound=heard).sound

    assert found is not None
    assert found.bits.tolist() == heard.bits.tolist()
    assert found.loudness_db.tolist() == heard.loudness_db.tolist()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 5000), (5000, 3), (1920, 1080), (1080, 1920), (101, 99)])
def test_a_films_sides_are_even_and_bounded(width: int, height: int) -> None:
    sides = films.size(width, height)

    assert all(side % 2 == 0 and 16 <= side <= 4096 for side in sides)
    assert np.prod(sides) <= films.PIXELS * 1.05 or min(sides) == 16
    assert videos.film([(0.0, Image.new("RGB", (width, height), "red"))], 1.0).luma.shape == (1, *sides[::-1])


@pytest.mark.parametrize("damage", [b"", b"not a film", b"\0\0\0\x08free"])
def test_what_is_no_film_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="not a film"):
        Film.decoded(damage)


def test_a_damaged_film_is_refused() -> None:
    content = videos.film_file(shown([0.0, 1.0]), 2.0)

    for damaged in (content[: len(content) // 2], content[:-40], b"\xff" * 64 + content[64:]):
        with pytest.raises(ValueError, match="not a film"):
            Film.decoded(damaged)
