"""What a moving creative shows of another: cut-downs, faster versions and bars are related, strangers are not."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from functions.dedup.films import sequences, stretches
from functions.dedup.pictures.verification import Comparison
from shared.media.films import Film
from tests import pictures, videos
from tests.functions.dedup import creatives

pytestmark = pytest.mark.slow

SIZE = (192, 108)
LENGTH_S = 12.0
RATE = 8


def compare(one: Film, other: Film) -> Comparison:
    return sequences.compare(one, other)[0]


@cache
def scene(number: int) -> Image.Image:
    return pictures.draw(SIZE[0] * 2, SIZE[1], seed=number)


def spot(seconds: float, seed: int = 300) -> Image.Image:
    """Scenes of a second and a half, over which the camera moves, and a card at the end."""
    if seconds >= LENGTH_S - 2:
        return creatives.ad("SHOP NOW", seed=seed, size=SIZE)
    left = round(seconds % 1.5 * 40)
    return scene(seed + int(seconds // 1.5)).crop((left, 0, left + SIZE[0], SIZE[1]))


def film(start: float = 0.0, end: float = LENGTH_S, *, seed: int = 300, speed: float = 1.0) -> Film:
    times = np.arange(0, (end - start) / speed - 0.001, 1 / RATE)
    return videos.film(((at, spot(start + at * speed, seed)) for at in times), (end - start) / speed)


def boxed(size: tuple[int, int], colour: str = "black") -> Film:
    """The spot with bars up to a size."""
    shown = ((at, ImageOps.pad(spot(at), size, color=colour)) for at in np.arange(0, LENGTH_S, 1 / RATE))
    return videos.film(shown, LENGTH_S)


@cache
def whole() -> Film:
    return film()


@pytest.mark.parametrize(("start", "end"), [(0.0, 4.0), (3.2, 8.2), (6.0, 12.0)])
def test_a_cut_down_is_a_version_and_says_which_stretch_it_shows(start: float, end: float) -> None:
    for pair, name in (((whole(), film(start, end)), "one"), ((film(start, end), whole()), "other")):
        found = compare(*pair)

        assert (found.same, found.family) == (False, True)
        assert found.stretches[name] == pytest.approx((start, end), abs=0.3)


def test_a_stretch_of_one_scene_that_leads_on_is_a_cut_down_and_no_copy() -> None:
    def still(seconds: float) -> Film:
        shown = ((at, scene(1).crop((round(at * 8), 0, round(at * 8) + 192, 108))) for at in np.arange(0, seconds, 0.2))
        return videos.film(shown, seconds)

    found = compare(still(12), still(5))

    assert (found.same, found.family) == (False, True)


def test_a_cut_down_with_a_card_of_its_own_is_a_version() -> None:
    shown = [(at, spot(2 + at)) for at in np.arange(0, 4.5, 1 / RATE)]
    own_card = videos.film([*shown, (4.5, creatives.ad("BUY NOW", seed=9, size=SIZE))], 6.0)

    found = compare(whole(), own_card)

    assert (found.same, found.family) == (False, True)
    assert found.stretches["one"] == pytest.approx((2.0, 6.5), abs=0.3)


@pytest.mark.parametrize("scenes", [((0.0, 3.0), (6.0, 9.0)), ((1.5, 4.5), (7.5, 9.0), (10.0, 12.0))])
def test_scenes_picked_out_of_a_spot_are_a_version_and_the_longest_is_named(
    scenes: tuple[tuple[float, float], ...],
) -> None:
    times = [at for start, end in scenes for at in np.arange(start, end - 0.001, 1 / RATE)]
    picked = videos.film(((number / RATE, spot(at)) for number, at in enumerate(times)), len(times) / RATE)

    found = compare(whole(), picked)

    assert (found.same, found.family) == (False, True)
    assert found.stretches["one"] == pytest.approx(scenes[0], abs=0.3)


@pytest.mark.parametrize("speed", [1.25, 0.8])
def test_a_version_that_is_played_faster_or_slower_shows_all_of_it(speed: float) -> None:
    found = compare(whole(), film(speed=speed))

    assert (found.same, found.family) == (False, True)
    assert found.stretches["one"] == pytest.approx((0, LENGTH_S), abs=0.5)
    assert found.stretches["other"] == pytest.approx((0, LENGTH_S / speed), abs=0.5)


def test_a_faster_version_of_what_moves_slowly_is_not_taken_for_a_stretch_of_it() -> None:
    def slow(seconds: float, speed: float = 1.0) -> Film:
        shown = (
            (at / speed, scene(1).crop((round(at * 3), 0, round(at * 3) + 192, 108))) for at in np.arange(0, 8, 0.1)
        )
        return videos.film(shown, seconds)

    found = compare(slow(8.0), slow(6.4, speed=1.25))

    assert (found.same, found.family) == (False, True)
    assert found.stretches["one"] == pytest.approx((0, 8.0), abs=0.5)
    assert found.stretches["other"] == pytest.approx((0, 6.4), abs=0.5)


@pytest.mark.parametrize(("size", "colour"), [((192, 240), "black"), ((192, 192), "white"), ((144, 256), "#205080")])
def test_the_same_with_bars_is_a_version(size: tuple[int, int], colour: str) -> None:
    found = compare(boxed(size, colour), whole())

    assert (found.same, found.family) == (False, True)
    assert found.stretches["other"] == pytest.approx((0, LENGTH_S), abs=0.3)


def test_two_with_the_same_bars_are_copies() -> None:
    assert compare(boxed((192, 240)), boxed((192, 240))).same


@pytest.mark.parametrize(
    ("start", "end", "seed"), [(0, LENGTH_S, 400), (0, 5, 500), (4, 10, 600)], ids=["spot", "start", "middle"]
)
def test_strangers_have_nothing_in_common(start: float, end: float, seed: int) -> None:
    assert stretches.found(whole(), film(start, end, seed=seed)) is None


def test_two_spots_with_one_end_card_have_too_little_in_common() -> None:
    shown = [(at, spot(at, seed=700)) for at in np.arange(0, LENGTH_S - 2, 1 / RATE)]
    other = videos.film([*shown, (LENGTH_S - 2, spot(LENGTH_S - 1))], LENGTH_S)

    assert stretches.found(whole(), other) is None


def test_other_words_on_a_plain_ground_are_no_version() -> None:
    def words(*said: str) -> Film:
        cards = [Image.new("RGB", SIZE, "white") for _ in said]
        for card, text in zip(cards, said, strict=True):
            ImageDraw.Draw(card).text((20, 40), text, "black", ImageFont.load_default(24))
        return videos.film(((float(at), card) for at, card in enumerate(cards)), float(len(said)))

    assert stretches.found(words("SUMMER", "IS HERE", "20% OFF", "Shop now"), words("Your", "next", "phone")) is None


def street(seed: int, seconds: float = 6.0) -> Film:
    """What a fixed camera sees of one place: the same houses, others who pass."""
    random = np.random.default_rng(seed)
    starts, speeds = random.uniform(-40, 190, 4), random.uniform(-30, 30, 4)

    def shown(at: float) -> Image.Image:
        picture = pictures.draw(*SIZE, seed=77).copy()
        for number, (start, speed) in enumerate(zip(starts, speeds, strict=True)):
            left, top = (start + at * speed) % 190, 20 + 20 * number
            ImageDraw.Draw(picture).rectangle((left, top, left + 6, top + 9), fill=("black", "white")[number % 2])
        return picture

    return videos.film(((at, shown(at)) for at in np.arange(0, seconds, 1 / RATE)), seconds)


def test_two_takes_of_a_fixed_camera_are_no_versions_of_each_other() -> None:
    assert stretches.found(street(1), street(2)) is None


def test_a_stretch_of_a_fixed_camera_is_a_version_of_its_take() -> None:
    found = stretches.found(street(1), street(1, seconds=4.0))

    assert found
    assert found.one == pytest.approx((0, 4), abs=0.3)
