"""The comparison of what moves: cut ends and other frame rates are forgiven; another scene, word or sound is not."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from functions.dedup.films import sequences
from functions.dedup.films.sequences import SAME_RESIDUAL
from functions.dedup.pictures.verification import Comparison
from shared.media import animations
from shared.media.films import Film
from shared.media.sounds import RATE, SoundPrint
from tests import pictures, videos
from tests.cases import first_of, some_of
from tests.functions.dedup import creatives
from tests.garbage import garbage

pytestmark = pytest.mark.slow

LENGTH_S = 6.0
SIZE = (320, 180)

Shown = Callable[[float], Image.Image]


def compare(one: Film, other: Film) -> Comparison:
    return sequences.compare(one, other)[0]


@cache
def slide(number: int, words: str | None = None) -> Image.Image:
    shown = pictures.draw(*SIZE, seed=60 + number)
    if words:
        shown.paste(creatives.ad(words, seed=70, size=(160, 90)), (80, 45))
    return shown


@cache
def card(words: str) -> Image.Image:
    return creatives.ad(words, seed=50, size=SIZE)


@cache
def plain(words: str) -> Image.Image:
    image = Image.new("RGB", SIZE, (90, 90, 96))
    ImageDraw.Draw(image).text((20, 10), words, (230, 230, 236), ImageFont.load_default(40))
    return image


def shaded(image: Image.Image, levels: int) -> Image.Image:
    """A plain card with a plate that is darker by so many levels."""
    place, marked = (150, 110, 198, 170), image.copy()
    marked.paste(marked.crop(place).point(lambda level: level - levels), place)
    return marked


@cache
def panorama() -> Image.Image:
    return pictures.draw(SIZE[0] * 3, SIZE[1], seed=60)


def slides(seconds: float, *, words: str = "20% OFF", end: str = "SHOP NOW") -> Image.Image:
    """Three scenes that stand still, one with a promotion in it, and an end card, of a second and a half each."""
    if seconds >= 4.5:
        return card(end)
    return slide(int(seconds // 1.5), words if 1.5 <= seconds < 3 else None)


def panning(seconds: float) -> Image.Image:
    """One scene over which the camera moves by a quarter of its width a second."""
    left = round(seconds * SIZE[0] * 0.25)
    return panorama().crop((left, 0, left + SIZE[0], SIZE[1]))


def titled(seconds: float, words: str = "20% OFF") -> Image.Image:
    """A scene that the camera moves over, behind words that stand still."""
    shown = panning(seconds)
    shown.paste(creatives.ad(words, seed=70, size=(160, 90)), (80, 85))
    return shown


def film(
    shown: Shown,
    *,
    start: float = 0.0,
    end: float = LENGTH_S,
    fps: float = 25,
    size: tuple[int, int] = SIZE,
    sound: SoundPrint | None = None,
) -> Film:
    """A film of what is shown from second `start` to `end`, so many frames a second."""
    times = np.arange(0, end - start - 0.001, 1 / fps)
    return videos.film(((at, shown(start + at).resize(size)) for at in times), end - start, sound=sound)


@cache
def original() -> Film:
    return film(slides)


@pytest.mark.parametrize("shown", [slides, panning])
@pytest.mark.parametrize("words", first_of(["50% OFF", "20% OFF"]))
def test_what_was_compared_is_let_go_of(shown: Shown, words: str) -> None:
    one, other = film(shown, end=3.0, fps=5), film(lambda at: slides(at, words=words), end=3.0, fps=5)

    with garbage() as kept:
        sequences.compare(one, other)

    assert kept == []


@pytest.mark.parametrize(("width", "height"), first_of([(240, 135), (160, 90)]))
def test_the_same_film_smaller_is_the_same(width: int, height: int) -> None:
    assert compare(original(), film(slides, size=(width, height))).same


@pytest.mark.parametrize(
    ("shown", "fps"),
    some_of(
        [*product((slides, panning, titled), (5, 6, 8, 10, 12, 15, 23.976, 24, 30))],
        in_the_gate=[(panning, 10)],
    ),
)
def test_another_frame_rate_is_the_same(shown: Shown, fps: float) -> None:
    times = np.arange(0, 3.0, 1 / 24)

    def nearest(at: float) -> Image.Image:
        return shown(float(times[int(np.searchsorted(times, at + 0.001, side="right")) - 1]))

    assert compare(film(shown, end=3.0, fps=24), film(nearest, end=3.0, fps=fps)).same


@pytest.mark.long
@pytest.mark.parametrize(
    ("start", "fps"),
    some_of([*product((0.0, 0.77, 1.31, 2.5), (5, 10))], in_the_gate=[(1.31, 5)]),
)
def test_half_a_second_of_other_words_makes_a_version_of_a_film_with_few_frames(start: float, fps: float) -> None:
    other = during(start, start + 0.5, lambda seconds: titled(seconds, "50% OFF"), titled)

    for pair in (
        (film(other, end=3.0), film(titled, end=3.0, fps=fps)),
        (film(titled, end=3.0), film(other, end=3.0, fps=fps)),
    ):
        assert not compare(*pair).same
        assert not compare(*pair[::-1]).same


@pytest.mark.parametrize(
    ("shown", "start", "end"),
    some_of(
        [(shown, *ends) for shown in (slides, panning) for ends in ((0.3, 6.0), (0.7, 6.0), (0.0, 5.3), (0.75, 5.25))],
        in_the_gate=[(slides, 0.0, 5.3)],
    ),
)
def test_a_film_with_cut_ends_is_the_same(shown: Shown, start: float, end: float) -> None:
    whole, cut = film(shown), film(shown, start=start, end=end)

    assert compare(whole, cut).same
    assert compare(cut, whole).same


SLOW_S = 15.0


def slowly(seconds: float) -> Image.Image:
    """Three shots of five seconds over which the camera creeps, words before the last of them."""
    number, at = divmod(seconds, 5.0)
    left = round(at * 10)
    shown = pictures.draw(SIZE[0] + 60, SIZE[1], seed=80 + int(number)).crop((left, 0, left + SIZE[0], SIZE[1]))
    if number == 2:
        shown.paste(creatives.ad("SHOP NOW", seed=70, size=(160, 90)), (80, 45))
    return shown


def held(seconds: float) -> Image.Image:
    """Three cards of five seconds."""
    return card(("20% OFF", "50% OFF", "SHOP NOW")[min(2, int(seconds // 5))])


@cache
def of_slow_shots(shown: Shown, start: float, end: float, *, heard: bool) -> Film:
    times = np.arange(start * 10, end * 10 - 0.01) / 10
    sound = tones(*(MELODY * 3)[: int(SLOW_S)], start=start, end=end) if heard else None
    return videos.film(((at - start, shown(at)) for at in times), end - start, sound=sound)


CUT_OFF = {
    **dict.fromkeys(((0.3, 0.0), (0.0, 0.5), (0.7, 0.0), (0.0, 0.7), (0.7, 0.7)), True),
    **dict.fromkeys(((1.2, 0.0), (0.0, 1.2), (2.0, 0.0), (0.0, 2.0), (2.0, 2.0), (4.0, 0.0), (0.0, 4.0)), False),
}
"""Seconds at the beginning and at the end, and whether what is left is a copy."""


@pytest.mark.parametrize(
    ("shown", "heard", "off"),
    some_of(
        [*product((slowly, held), (True, False), CUT_OFF)],
        in_the_gate=[(held, False, (0.0, 1.2))],
    ),
)
def test_of_shots_that_hardly_move_no_more_may_be_cut_off_than_of_others(
    shown: Shown, off: tuple[float, float], *, heard: bool
) -> None:
    whole = of_slow_shots(shown, 0.0, SLOW_S, heard=heard)
    cut = of_slow_shots(shown, off[0], SLOW_S - off[1], heard=heard)

    assert compare(whole, cut).same == compare(cut, whole).same == CUT_OFF[off]


SWING_S = 0.45


def swaying(seconds: float) -> Image.Image:
    """A picture that sways by half a pixel, as a tree does, and is moved by five at each swing: it passes for cards."""
    number, at = divmod(seconds, SWING_S)
    wide = np.asarray(pictures.draw(SIZE[0] + 40, SIZE[1], seed=80), np.float32)
    left, sway = 10 + int(number) * 5 % 20, 0.5 * math.sin(math.pi * at / SWING_S)
    here, beside = (wide[:, left + by : left + by + SIZE[0]] for by in (0, 1))
    return Image.fromarray((here * (1 - sway) + beside * sway).astype(np.uint8))


@pytest.mark.long
def test_what_hardly_moves_is_the_same_in_another_container_that_lasts_a_moment_longer() -> None:
    times = [number / 15 for number in range(90)]
    one, other = (videos.film(((at, swaying(at)) for at in times), lasts) for lasts in (6.0, 6.003))

    assert compare(one, other).same
    assert compare(other, one).same


@pytest.mark.parametrize(
    ("shown", "heard"),
    some_of([*product([slowly, held], [True, False])], in_the_gate=[(held, False)]),
)
def test_two_parts_of_one_spot_that_share_all_but_their_ends_are_no_copies(shown: Shown, *, heard: bool) -> None:
    first, last = (of_slow_shots(shown, *part, heard=heard) for part in ((0.0, 13.0), (2.0, SLOW_S)))

    assert not compare(first, last).same
    assert not compare(last, first).same


@pytest.mark.long
def test_a_picture_that_stands_is_laid_where_it_begins_however_an_encoder_flickers() -> None:
    """Where nothing moves, what differs least is noise; only what is said tells where it lies."""
    noise, still = np.random.default_rng(5), np.asarray(card("SHOP NOW"), np.int16)

    def flickering() -> Image.Image:
        levels = np.kron(noise.integers(-3, 4, (SIZE[1] // 4, SIZE[0] // 4, 3)), np.ones((4, 4, 1), np.int16))
        return Image.fromarray(np.clip(still + levels, 0, 255).astype(np.uint8))

    sound = tones(*MELODY, *MELODY)
    plain = videos.film([(0.0, card("SHOP NOW"))], 12.0, sound=sound)
    saved = videos.film(((at, flickering()) for at in np.arange(0, 12, 0.2)), 12.0, sound=sound)

    assert compare(plain, saved).same
    assert compare(saved, plain).same


@pytest.mark.long
def test_of_two_spots_a_cut_down_has_more_in_common_with_that_whose_voice_and_pictures_it_has() -> None:
    part = of_slow_shots(slowly, 3.0, 9.0, heard=True)
    spot, silent = (of_slow_shots(slowly, 0.0, SLOW_S, heard=heard) for heard in (True, False))
    other_voice = replace(spot, sound=tones(*(MELODY[::-1] * 3)[: int(SLOW_S)]))
    other_words = film(lambda at: titled(at) if 5 <= at < 6 else slowly(at), end=SLOW_S, fps=10, sound=spot.sound)

    found = {each: compare(part, spot_of) for each, spot_of in enumerate((spot, silent, other_voice, other_words))}

    assert all((each.same, each.family) == (False, True) for each in found.values())
    assert found[0].difference < min(each.difference for number, each in found.items() if number)
    assert found[0].stretches == {"one": (0.0, 6.0), "other": (3.0, 9.0)}


@pytest.mark.long
@pytest.mark.parametrize("missing_s", first_of([1.5, 4.0]))
def test_a_sound_that_ends_before_the_other_makes_a_version(missing_s: float) -> None:
    whole = of_slow_shots(held, 0.0, SLOW_S, heard=True)
    cut = replace(whole, sound=tones(*(MELODY * 3)[: int(SLOW_S)], end=SLOW_S - missing_s))

    assert not compare(whole, cut).same
    assert not compare(cut, whole).same


def fading_in(seconds: float) -> Image.Image:
    return Image.blend(Image.new("RGB", SIZE), slides(seconds), min(1.0, seconds / 0.4))


def swung(seconds: float) -> Image.Image:
    """A scene over which the camera is swung by three quarters of its width a second, then slower."""
    left = round(SIZE[0] * (0.75 * min(seconds, 1.5) + 0.1 * max(0.0, seconds - 1.5)))
    return panorama().crop((left, 0, left + SIZE[0], SIZE[1]))


@pytest.mark.parametrize(
    ("shown", "start", "end", "fps"),
    some_of([(fading_in, 0.7, 4.0, 15), (swung, 0.72, 3.5, 25)], in_the_gate=[(fading_in, 0.7, 4.0, 15)]),
    ids=["faded", "swung"],
)
def test_what_fades_or_moves_fast_where_a_film_was_cut_is_no_other_scene(
    shown: Shown, start: float, end: float, fps: float
) -> None:
    assert compare(film(shown, end=end, fps=fps), film(shown, start=start, end=end, fps=fps)).same


@pytest.mark.parametrize(
    ("fade_s", "first"),
    some_of([*product([0.0, 0.5, 1.0], [True, False])], in_the_gate=[(1.0, True)]),
)
def test_a_card_of_its_own_makes_a_version_however_slowly_it_fades_in(fade_s: float, *, first: bool) -> None:
    def shown(seconds: float) -> Image.Image:
        since = 2.0 - seconds if first else seconds - 1.0
        shown = min(1.0, max(0.0, since / fade_s)) if fade_s else float(since > 0)
        return Image.blend(panning(seconds), card("50% OFF"), shown)

    longer = film(shown, end=3.0)
    without = film(shown, start=2.0, end=3.0) if first else film(shown, end=1.0)

    assert not compare(longer, without).same
    assert not compare(without, longer).same


@pytest.mark.long
def test_a_film_that_fades_in_from_black_and_out_to_white_is_the_same_as_itself() -> None:
    def faded(seconds: float) -> Image.Image:
        shown = slides(seconds)
        if seconds < 0.8:
            return Image.blend(Image.new("RGB", SIZE), shown, seconds / 0.8)
        return Image.blend(shown, Image.new("RGB", SIZE, "white"), max(0.0, min(1.0, seconds - 5)))

    assert compare(film(faded), film(faded, fps=24)).same


def test_films_of_nothing_but_flat_frames_are_told_by_their_colours() -> None:
    def flat(*colours: str) -> Film:
        return film(lambda seconds: Image.new("RGB", SIZE, colours[int(seconds)]), end=float(len(colours)), fps=10)

    assert compare(flat("red", "green", "blue"), flat("red", "green", "blue")).same
    assert not compare(flat("red", "green", "blue"), flat("red", "blue", "blue")).same


@pytest.mark.parametrize("quality", first_of([8, 12]))
def test_a_film_of_very_few_bits_is_the_same(quality: int) -> None:
    coarse = film(lambda seconds: creatives.saved(titled(seconds), "JPEG", quality=quality + 20), end=2.0, fps=12)

    assert compare(film(titled, end=2.0, fps=12), coarse).same


def during(start: float, end: float, other: Shown, shown: Shown) -> Shown:
    return lambda seconds: other(seconds) if start <= seconds < end else shown(seconds)


OTHERS: dict[str, Shown] = {
    "words on the end card": lambda seconds: slides(seconds, end="BUY NOW"),
    "promotion": lambda seconds: slides(seconds, words="50% OFF"),
    "end card": lambda seconds: slides(seconds) if seconds < 4.5 else pictures.draw(*SIZE, seed=99),
    "half a second of a promotion": during(2.1, 2.6, lambda seconds: slides(seconds, words="50% OFF"), slides),
    "half a second of a price": during(0.2, 0.7, lambda seconds: slide(0, "19.99"), slides),
}


@pytest.mark.parametrize(
    "other", some_of(OTHERS.values(), in_the_gate=[OTHERS["half a second of a price"]]), ids=OTHERS
)
def test_what_is_shown_for_half_a_second_makes_a_version(other: Shown) -> None:
    versions = original(), film(other)

    found, turned = compare(*versions), compare(*versions[::-1])

    assert not found.same
    assert found.family
    assert (turned.same, turned.family) == (found.same, found.family)


@pytest.mark.parametrize(("start", "end"), first_of([(0.8, 1.4), (0.0, 3.0), (2.4, 3.0)]))
def test_other_words_over_a_moving_scene_make_a_version(start: float, end: float) -> None:
    other = during(start, end, lambda seconds: titled(seconds, "50% OFF"), titled)

    found = compare(film(titled, end=3.0), film(other, end=3.0))

    assert not found.same
    assert found.family


def test_words_that_differ_from_their_ground_in_nothing_but_colour_make_a_version() -> None:
    def told(words: str) -> Shown:
        ground = Image.new("RGB", SIZE, (0, 146, 0))
        mask = creatives.ad(words, seed=70, size=SIZE).convert("L").point(lambda level: 255 * (level > 200))
        ground.paste((255, 33, 33), mask=mask)
        return during(1.0, 2.0, lambda _: ground, slides)

    assert not compare(film(told("20% OFF"), end=3.0), film(told("50% OFF"), end=3.0)).same


@pytest.mark.parametrize("at", first_of([0, 3]))
def test_a_card_that_is_shown_for_a_tenth_of_a_second_at_an_end_is_not_a_cut_end(at: int) -> None:
    def banner(*words: str) -> Film:
        starts = [0.0, 0.1, 0.6, 2.6] if at == 0 else [0.0, 2.0, 2.5, 3.0]
        cards = [creatives.ad(said, seed=71, size=SIZE) for said in words]
        return videos.film(zip(starts, cards, strict=True), 3.1)

    words = ["20% OFF", "50% OFF", "19.99", "Shop now"]
    other = [*words]
    other[at] = words[1 if at == 0 else 2]  # the card before it, or after it, lasts a tenth of a second longer

    assert not compare(banner(*words), banner(*other)).same
    assert not compare(banner(*other), banner(*words)).same
    assert compare(banner(*words), banner(*words)).same


@pytest.mark.parametrize("at", some_of([3.0, 3.03], in_the_gate=[3.03]), ids=["at a moment", "between moments"])
@pytest.mark.parametrize(
    "settling",
    [(0.0,), pytest.param((0.0, 0.04, 0.08), marks=pytest.mark.long)],
    ids=["at once", "as an encoder settles"],
)
def test_a_last_card_stands_however_briefly_the_file_says_that_it_lasts(at: float, settling: tuple[float, ...]) -> None:
    def banner(end: str) -> Film:
        cards = [creatives.ad(said, seed=71, size=SIZE) for said in ("20% OFF", "50% OFF", "19.99", end)]
        shown = [
            (start + late, ImageEnhance.Brightness(card).enhance(1 + late / 4))
            for start, card in zip((0.0, 1.0, 2.0), cards, strict=False)
            for late in settling
        ]
        return videos.film([*shown, (at, cards[-1])], at + 0.04)

    assert not compare(banner("Shop now"), banner("Sold out")).same
    assert compare(banner("Shop now"), banner("Shop now")).same


def test_a_button_of_another_colour_for_a_tenth_of_a_second_makes_a_version() -> None:
    def banner(colour: tuple[int, int, int]) -> Film:
        card, pressed = creatives.ad("Shop now", seed=72, size=SIZE), creatives.ad("Shop now", seed=72, size=SIZE)
        ImageDraw.Draw(pressed).rounded_rectangle((40, 60, 120, 84), 6, colour)
        return videos.film([(0.0, card), (1.0, pressed), (1.1, card)], 2.0)

    green, as_light = banner((60, 160, 60)), banner((190, 100, 80))

    assert not compare(green, as_light).same
    assert compare(green, banner((60, 160, 60))).same


def test_another_scene_beyond_the_end_is_not_a_cut_end() -> None:
    longer = film(lambda seconds: slides(seconds) if seconds < LENGTH_S else slide(9), end=LENGTH_S + 1.0)

    assert not compare(original(), longer).same
    assert not compare(longer, original()).same


def test_another_film_is_no_family() -> None:
    found = compare(original(), film(lambda seconds: slide(200 + int(seconds // 1.5))))

    assert not found.same
    assert not found.family


def tones(*notes: float, start: float = 0.0, end: float | None = None) -> SoundPrint:
    """A second of each note with its overtones, loud at first; of them those from one second to another."""
    at = np.arange(RATE) / RATE
    parts = [sum(np.sin(2 * np.pi * note * k * at) / k for k in range(1, 6)) * np.exp(-2 * at) / 3 for note in notes]
    played = np.concatenate(parts).astype(np.float32)
    return SoundPrint.of(played[round(start * RATE) : None if end is None else round(end * RATE)])


MELODY = (330, 392, 440, 523, 494, 349)


def test_the_same_pictures_with_another_sound_are_a_version() -> None:
    sung, other = film(slides, sound=tones(*MELODY)), film(slides, sound=tones(*MELODY[::-1]))

    found = compare(sung, other)

    assert (found.same, found.family) == (False, True)
    assert compare(sung, film(slides, sound=tones(*MELODY))).same


@pytest.mark.parametrize(
    "mute",
    some_of([None, SoundPrint.of(np.zeros(6 * RATE, np.float32))], in_the_gate=[None]),
    ids=["no track", "silence"],
)
def test_sound_against_none_is_a_version(mute: SoundPrint | None) -> None:
    found = compare(film(slides, sound=tones(*MELODY)), film(slides, sound=mute))

    assert (found.same, found.family) == (False, True)
    assert compare(film(slides), film(slides, sound=mute)).same


def standing(shown: Shown, *, from_s: float) -> Film:
    """A film whose pictures end while its sound goes on."""
    return replace(
        film(shown, end=from_s), duration_s=LENGTH_S, until_s=LENGTH_S, sound=tones(*MELODY), stands_from_s=from_s
    )


@pytest.mark.long
def test_a_last_card_whose_pictures_end_before_the_sound_is_the_same() -> None:
    whole = film(slides, sound=tones(*MELODY))

    assert compare(whole, standing(slides, from_s=4.54)).same
    assert not compare(whole, standing(slides, from_s=4.46)).same
    assert not compare(whole, standing(lambda seconds: slides(seconds, end="BUY NOW"), from_s=4.54)).same


@pytest.mark.long
def test_pictures_that_were_cut_where_the_sound_was_left_are_the_same() -> None:
    assert compare(film(panning, sound=tones(*MELODY)), standing(panning, from_s=5.2)).same


def banner(frames: Iterable[tuple[float, str]]) -> Film:
    """An animated banner of words, each shown for so many seconds."""
    at, shown = 0.0, []
    for lasts, words in frames:
        shown.append((at, card(words)))
        at += lasts
    return videos.film(shown, at)


@pytest.mark.parametrize(
    ("place", "lasts"),
    some_of(
        [*product((0, 1, 2, 3), (0.1, 0.4, 1.2))],
        in_the_gate=[*((place, 0.1) for place in (0, 1, 2, 3)), (1, 1.2)],
    ),
)
def test_a_banner_with_one_other_frame_is_a_version(place: int, lasts: float) -> None:
    words = ["LUMERA", "Beachwear", "SUMMER", "Shop now"]
    others = [*words[:place], "50% OFF", *words[place + 1 :]]

    found = compare(banner((lasts, word) for word in words), banner((lasts, word) for word in others))

    assert not found.same


@pytest.mark.parametrize(
    "lasts",
    [
        (0.1, 1.2, 1.2, 0.4),
        pytest.param((0.6, 0.6, 0.2, 0.2), marks=pytest.mark.long),
        pytest.param((1.2, 0.1, 1.2, 0.1), marks=pytest.mark.long),
    ],
)
def test_a_banner_that_shows_its_cards_for_another_time_is_the_same(lasts: tuple[float, ...]) -> None:
    words = ["LUMERA", "20% OFF", "SUMMER", "Shop now"]
    one, other = banner((0.5, word) for word in words), banner(zip(lasts, words, strict=True))

    assert compare(one, other).same
    assert compare(other, one).same
    assert not compare(one, banner(zip(lasts, [*words[:1], "50% OFF", *words[2:]], strict=True))).same


def test_words_that_are_dark_on_dark_make_a_version_where_all_else_is_kept() -> None:
    def dark(words: Iterable[str]) -> Film:
        shown = []
        for at, word in enumerate(words):
            image = Image.new("RGB", SIZE)
            ImageDraw.Draw(image).text((20, 60), word, (16, 16, 32), ImageFont.load_default(40))
            shown.append((0.5 * at, image))
        return videos.film(shown, 0.5 * len(shown))

    assert not compare(dark(("SUMMER", "EUR 36.23", "Shop now")), dark(("SUMMER", "EUR 36.53", "Shop now"))).same


@pytest.mark.parametrize("price", ["EUR 64.81", "EUR 64.11"])
def test_words_of_another_colour_on_dark_ground_make_a_version_where_an_encoder_loses_less_of_every_card(
    price: str,
) -> None:
    def dark(words: Iterable[str], quality: int) -> Film:
        shown = []
        for at, word in enumerate(words):
            image = slide(3).copy()
            pen = ImageDraw.Draw(image)
            pen.rectangle((0, 0, 200, SIZE[1]), fill=(10, 14, 4))
            pen.text((8, 60), word, (12, 8, 40), ImageFont.load_default(32))
            shown.append((0.5 * at, creatives.saved(image, "WEBP", quality=quality)))
        return videos.film(shown, 0.5 * len(shown))

    one, other = dark(("EUR 64.81", "Shop", "Now"), 98), dark((price, "Shop", "Now"), 90)

    assert compare(one, other).same is (price == "EUR 64.81")
    assert compare(other, one).same is (price == "EUR 64.81")


@pytest.mark.parametrize("brand", ["Lumea", "OAK&CO"])
def test_dark_words_on_one_card_make_a_version_however_a_palette_shows_what_is_black(brand: str) -> None:
    def dark(words: Iterable[str], black: int) -> Film:
        shown = []
        for at, word in enumerate(words):
            image = slide(3).copy()
            pen = ImageDraw.Draw(image)
            pen.rectangle((0, 0, 160, SIZE[1]), fill=(black, black, black))
            pen.text((12, 60), word, (20, 20, 40), ImageFont.load_default(24))
            pen.text((200, 60), f"{at + 1} of 3", "white", ImageFont.load_default(40))
            shown.append((0.5 * at, creatives.saved(image, "WEBP", quality=80)))
        return videos.film(shown, 0.5 * len(shown))

    one, other = dark(("Lumea", "Lumea", "Lumea"), 0), dark(("Lumea", brand, "Lumea"), 5)

    assert compare(one, other).same is (brand == "Lumea")
    assert compare(other, one).same is (brand == "Lumea")


@pytest.mark.long
def test_dark_words_make_a_version_where_only_one_banner_shows_them_as_a_card_of_their_own() -> None:
    """What the next card says, too, is one card of both: such banners have no cards in pairs."""

    def dark(said: Iterable[tuple[float, str]], quality: int) -> Film:
        shown, at = [], 0.0
        for lasts, word in said:
            image = slide(3).copy()
            pen = ImageDraw.Draw(image)
            pen.rectangle((0, 0, 160, SIZE[1]), fill="black")
            pen.text((12, 60), word, (20, 20, 40), ImageFont.load_default(24))
            shown.append((at, creatives.saved(image, "WEBP", quality=quality)))
            at += lasts
        return replace(videos.film(shown, at), frames_alone=True)

    four = (1.0, "SUMMER"), (0.1, "20% OFF"), (1.0, "30% OFF"), (0.2, "Shop")
    three = (1.0, "SUMMER"), (1.1, "30% OFF"), (0.2, "Shop")

    assert compare(dark(four, 80), dark(four, 60)).same
    assert not compare(dark(four, 80), dark(three, 60)).same
    assert not compare(dark(three, 80), dark(four, 60)).same


def flickering(cards: Iterable[tuple[float, Image.Image]], seed: int = 3) -> Film:
    """What a video's encoder makes of cards, each for so many seconds: thirty frames a second, none as the last one."""
    noise, at, shown = np.random.default_rng(seed), 0.0, []
    for lasts, image in cards:
        for frame in range(round(30 * lasts)):
            pixels = np.asarray(image, np.int16) + noise.integers(-3, 4, (SIZE[1], SIZE[0], 1))
            shown.append((at + frame / 30, Image.fromarray(pixels.clip(0, 255).astype(np.uint8))))
        at += round(30 * lasts) / 30
    return videos.film(shown, at)


@pytest.mark.parametrize("held_s", first_of([0.9, 1.9]))
def test_a_video_that_holds_the_last_card_of_a_banner_for_longer_and_refines_it_is_its_copy(held_s: float) -> None:
    """FFmpeg makes MP4s of GIFs that hold the last card for a second more, and refines it for a part of that."""
    words = (0.5, "LUMERA"), (1.2, "SUMMER"), (0.2, "Shop now")
    *others, (lasts, last) = ((lasts, card(said)) for lasts, said in words)
    video = flickering([*others, (lasts + 0.4, last)])
    copy = replace(video, duration_s=video.duration_s + held_s - 0.4, until_s=video.until_s + held_s - 0.4)
    one = replace(banner(words), frames_alone=True)

    assert compare(one, copy).same
    assert not compare(replace(banner(words[:2]), frames_alone=True), copy).same


@pytest.mark.long
@pytest.mark.parametrize("other", first_of(["50% OFF", "SUMMER"]))
def test_a_card_that_a_video_shows_briefly_makes_a_version_though_no_frame_of_it_is_held(other: str) -> None:
    """The one that it stands for is nearly as the card before is, which was taken for it."""
    paler = ImageEnhance.Brightness(card("20% OFF")).enhance(0.97)

    def cards(brief: Image.Image) -> list[tuple[float, Image.Image]]:
        return [(0.5, card("20% OFF")), (0.1, brief), (0.6, card("Beachwear")), (0.5, card("Shop now"))]

    starts = (0.0, 0.5, 0.6, 1.2)
    shown = zip(starts, (image for _, image in cards(paler)), strict=True)
    one = replace(videos.film(shown, 1.7), frames_alone=True)

    assert compare(one, flickering(cards(paler))).same
    assert not compare(one, flickering(cards(card(other)))).same
    assert not compare(flickering(cards(card(other))), one).same


def test_a_card_that_is_another_in_one_of_two_videos_makes_a_version_however_briefly_it_is_shown() -> None:
    def cards(brief: str) -> list[tuple[float, Image.Image]]:
        return [(0.5, card("SUMMER")), (0.1, card(brief)), (0.6, card("Beachwear")), (0.5, card("Shop now"))]

    one = flickering(cards("20% OFF"))

    assert compare(one, flickering(cards("20% OFF"), seed=5)).same
    assert not compare(one, flickering(cards("50% OFF"), seed=5)).same


@pytest.mark.long
@pytest.mark.parametrize("contrast", first_of([10, 14]))
def test_pale_words_on_one_card_make_a_version_in_a_video_too(contrast: int) -> None:
    def cards(price: str) -> list[tuple[float, Image.Image]]:
        shown, ground = [], 120 + contrast
        for title, word in (("LUMERA", "Beachwear"), ("EUR", price), ("Shop", "Now")):
            image = Image.new("RGB", SIZE, (120, 120, 120))
            pen = ImageDraw.Draw(image)
            pen.text((20, 20), title, "white", ImageFont.load_default(40))
            pen.text((20, 100), word, (ground, ground, ground), ImageFont.load_default(40))
            shown.append((0.7, image))
        return shown

    starts = (0.0, 0.7, 1.4)
    pictures_alone = zip(starts, (image for _, image in cards("36.23")), strict=True)
    one = replace(videos.film(pictures_alone, 2.1), frames_alone=True)

    assert compare(one, flickering(cards("36.23"))).same
    assert not compare(one, flickering(cards("81.57"))).same
    assert not compare(flickering(cards("81.57")), one).same
    assert compare(flickering(cards("36.23")), flickering(cards("36.23"), seed=5)).same
    assert not compare(flickering(cards("36.23")), flickering(cards("81.57"), seed=5)).same


@pytest.mark.parametrize(
    ("words", "share", "ahead", "last_s"),
    some_of(
        [*product(["20% OFF", "25% OFF"], [0.2, 0.45], [1, 3], [1.0, 0.1])],
        in_the_gate=[
            *product(["20% OFF", "25% OFF"], [0.45], [1], [0.1]),
            *product(["20% OFF", "25% OFF"], [0.2], [3], [1.0]),
        ],
    ),
)
def test_a_banner_whose_encoder_blended_a_card_with_a_later_one_is_the_same_and_one_of_other_words_is_not(
    words: str, share: float, ahead: int, last_s: float
) -> None:
    """Encoders of video filter over time: of a card that is soon followed by others they keep some of both.

    Some write no time for the last card.
    """
    first, later, last = card("20% OFF"), card("Now 50% OFF"), card("SHOP NOW")
    between = [first.copy() for _ in range(ahead - 1)]
    for number, image in enumerate(between):
        ImageDraw.Draw(image).rectangle((300, 20 * number, 319, 20 * number + 9), fill="red")
    starts = [0.5 * number for number in range(ahead + 2)]
    kept = videos.film(zip(starts, [first, *between, later, last], strict=True), starts[-1] + 2.0)
    shown = Image.blend(card(words), later, share)
    saved = [creatives.saved(each, "JPEG", quality=60) for each in (shown, *between, later, last)]
    blended = videos.film(zip(starts, saved, strict=True), starts[-1] + last_s)

    for one, other in ((kept, blended), (blended, kept)):
        assert compare(one, other).same is (words == "20% OFF")


@pytest.mark.parametrize(("words", "alone"), [("20% OFF", False), ("20% OFF", True), ("20 % OFF", False)])
def test_a_part_of_a_letter_of_the_next_card_is_what_an_encoder_left_of_it(words: str, *, alone: bool) -> None:
    """Not where both formats keep each frame by itself, nor where words are others."""

    def shown(first: str, share: float) -> list[Image.Image]:
        cards = [slide(3).copy() for _ in range(3)]
        for image, said in zip(cards, (first, "SHOP NOW", "TODAY"), strict=True):
            pen = ImageDraw.Draw(image)
            pen.rectangle((0, 40, SIZE[0], 130), fill=(90, 90, 96))
            pen.text((20, 60), said, (200, 200, 206), ImageFont.load_default(40))
        place = 180, 70, 184, 90
        cards[0].paste(Image.blend(cards[0].crop(place), cards[1].crop(place), share), place)
        return cards

    def kept(cards: Iterable[Image.Image]) -> Film:
        return replace(videos.film(zip((0.0, 0.5, 1.0), cards, strict=True), 2.0), frames_alone=alone)

    one = kept(shown("20% OFF", 0.0))
    other = kept(creatives.saved(each, "JPEG", quality=50) for each in shown(words, 0.3))

    assert compare(one, other).same is (words == "20% OFF" and not alone)
    assert compare(other, one).same is (words == "20% OFF" and not alone)


@pytest.mark.parametrize(("mixes", "on_card", "same"), [(True, 0, True), (False, 0, False), (True, 1, False)])
def test_of_a_first_card_into_which_an_encoder_mixes_what_it_moved_nothing_faint_is_told(
    *, mixes: bool, on_card: int, same: bool
) -> None:
    """On a later card, or by another encoder, it was drawn; so were words that are plain, wherever."""
    cards = [plain(said) for said in ("20% OFF", "SHOP NOW", "TODAY")]
    faint, clear = ([image.copy() for image in cards] for _ in range(2))
    faint[on_card] = shaded(cards[on_card], 9)
    ImageDraw.Draw(clear[on_card]).text((150, 110), "-20%", (200, 200, 206), ImageFont.load_default(30))

    one, other, another = (
        videos.film(zip((0.0, 0.5, 1.0), shown, strict=True), 2.0) for shown in (cards, faint, clear)
    )

    assert compare(one, replace(other, mixes_frames=mixes)).same is same
    assert compare(replace(other, mixes_frames=mixes), one).same is same
    assert not compare(one, replace(another, mixes_frames=mixes)).same


@pytest.mark.parametrize(
    ("mixes", "on_card", "levels", "same"),
    [(True, 0, 17, True), (True, 0, 24, False), (False, 0, 17, False), (True, 1, 17, False)],
)
def test_more_is_left_in_a_first_card_into_which_an_encoder_mixes(
    *, mixes: bool, on_card: int, levels: int, same: bool
) -> None:
    cards = [plain(said) for said in ("20% OFF", "SHOP NOW", "TODAY")]
    marked = [shaded(image, levels if number == on_card else 0) for number, image in enumerate(cards)]

    one, other = (videos.film(zip((0.0, 0.5, 1.0), shown, strict=True), 2.0) for shown in (cards, marked))

    assert compare(one, replace(other, mixes_frames=mixes)).same is same


@pytest.mark.parametrize(("few", "levels", "same"), [(True, 19, True), (False, 19, False), (True, 30, False)])
def test_more_may_differ_in_every_card_where_one_film_alone_has_few_colours(
    *, few: bool, levels: int, same: bool
) -> None:
    """What a palette lacks, it lacks on each of them."""
    cards = [plain(said) for said in ("20% OFF", "SHOP NOW", "TODAY")]
    shown = cards, [shaded(image, levels) for image in cards]
    one, other = (
        replace(videos.film(zip((0.0, 0.5, 1.0), each, strict=True), 2.0), frames_alone=True) for each in shown
    )
    greys = np.array([[level, 128, 128] for level in range(0, 256, 4)], np.float32)

    assert compare(one, replace(other, palettes=[greys] * 3 if few else ())).same is same


@pytest.mark.parametrize("mixes", [True, False])
def test_what_such_an_encoder_codes_anew_it_codes_more_coarsely_than_what_it_copies(*, mixes: bool) -> None:
    """Of other encoders each card loses as much, so that one which lost more was drawn anew."""
    first, last = card("20% OFF"), card("Shop now")
    place, lossy = (0, 60, 80, 120), last.copy()
    lossy.paste(creatives.saved(last.crop(place), "JPEG", quality=20), place)

    one, other = (videos.film(zip((0.0, 0.5), shown, strict=True), 1.0) for shown in ((first, last), (first, lossy)))

    assert compare(one, replace(other, mixes_frames=mixes)).same is mixes


def test_a_share_of_the_next_card_is_no_blend_where_both_formats_keep_each_frame_by_itself() -> None:
    first, later, last = card("20% OFF"), card("Now 50% OFF"), card("SHOP NOW")

    def banner_of(shown: Image.Image, *, alone: bool) -> Film:
        return replace(videos.film(zip((0.0, 0.5, 1.0), (shown, later, last), strict=True), 2.0), frames_alone=alone)

    def same(*, alone: bool) -> bool:
        kept, blended = banner_of(first, alone=True), banner_of(Image.blend(first, later, 0.45), alone=alone)
        return compare(kept, blended).same and compare(blended, kept).same

    assert same(alone=False)
    assert not same(alone=True)


@pytest.mark.parametrize("words", ["20% OFF", "25% OFF"])
@pytest.mark.parametrize("share", [0.25, 0.35])
def test_a_faint_blend_of_a_later_card_is_no_card_drawn_anew(words: str, share: float) -> None:
    """What the cards differ by as they are passes for a copy's loss, but for more than the other cards have of it."""

    def shown(first: str) -> list[Image.Image]:
        cards = [Image.new("RGB", SIZE, (120, 120, 124)) for _ in range(3)]
        for image, said in zip(cards, (first, "SHOP NOW", "TODAY"), strict=True):
            ImageDraw.Draw(image).text((20, 55), said, (165, 165, 170), ImageFont.load_default(22))
        return cards

    one = videos.film(zip((0.0, 0.5, 1.0), shown("20% OFF"), strict=True), 2.0)
    first, later, last = shown(words)
    other = videos.film(zip((0.0, 0.5, 1.0), (Image.blend(first, later, share), later, last), strict=True), 2.0)

    assert compare(one, other).same is (words == "20% OFF")
    assert compare(other, one).same is (words == "20% OFF")


@pytest.mark.parametrize("contrast", first_of([20, 26, 32]))
def test_pale_words_on_one_card_make_a_version_though_the_next_card_lacks_them(contrast: int) -> None:
    """As far on the way to the next card as that goes is no blend."""

    def saved(words: str) -> Film:
        first, second, last = (Image.new("RGB", SIZE, (200, 205, 210)) for _ in range(3))
        ink = 200 - contrast, 205 - contrast, 210 - contrast
        ImageDraw.Draw(first).text((20, 60), words, ink, ImageFont.load_default(40))
        for image, said in ((second, "SUMMER"), (last, "Shop now")):
            ImageDraw.Draw(image).text((20, 10), said, (20, 20, 40), ImageFont.load_default(30))
        lossy = [creatives.saved(image, "JPEG", quality=30) for image in (first, second, last)]
        return videos.film(zip((0.0, 1.0, 2.0), lossy, strict=True), 3.0)

    for one, other in (("20% OFF", "50% OFF"), ("20% OFF", "")):
        assert not compare(saved(one), saved(other)).same
        assert not compare(saved(other), saved(one)).same


@cache
def mosaic() -> Image.Image:
    """96 patches of colours that lie near each other, as in a photograph of grass or sand."""
    colours = np.random.default_rng(4).integers(75, 165, (6, 16, 3), np.uint8)
    return Image.fromarray(colours).resize(SIZE, Image.Resampling.NEAREST)


def saying(words: str, ink: tuple[int, int, int]) -> Image.Image:
    shown = mosaic().copy()
    pen = ImageDraw.Draw(shown)
    pen.rectangle((0, 60, SIZE[0], 120), "black")
    pen.text((12, 70), words, ink, ImageFont.load_default(32))
    return shown


def in_few_colours(cards: Iterable[Image.Image]) -> Film:
    """A banner saved in 64 colours a card, of its own choice for each, and without dither."""
    shown = [
        card.quantize(64 - at, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE) for at, card in enumerate(cards)
    ]
    found = animations.read(
        pictures.encode(shown[0], "GIF", save_all=True, append_images=shown[1:], duration=500, loop=0),
        "image/gif",
        max_pixels=10**6,
    )
    assert found
    return Film.decoded(found.film)


@pytest.mark.parametrize("ink", [(255, 255, 255), (60, 60, 80)])
@pytest.mark.parametrize("words", first_of(["50% OFF", "20% OFF", ""]))
def test_what_a_palette_of_few_colours_lacks_is_no_card_drawn_anew(words: str, ink: tuple[int, int, int]) -> None:
    """Each card lacks other colours; words that a person sees are no colour that lacks."""
    said = "SUMMER", "20% OFF", "Shop now"
    whole = replace(
        videos.film(zip((0.0, 0.5, 1.0), (saying(each, ink) for each in said), strict=True), 1.5), frames_alone=True
    )
    few = in_few_colours(saying(each, ink) for each in ("SUMMER", words, "Shop now"))

    assert compare(whole, few).same is (words == "20% OFF")
    assert compare(few, whole).same is (words == "20% OFF")


def test_a_colour_between_those_of_two_cards_is_no_blend_of_them_in_a_file_that_keeps_each_frame_by_itself() -> None:
    """Of two files it is the other one, whose encoder mixes cards, that shows another colour."""

    def cards(brief: tuple[int, int, int]) -> list[Image.Image]:
        shown = [slide(3).copy() for _ in range(3)]
        for image, colour in zip(shown, (brief, (150, 70, 70), (150, 70, 70)), strict=True):
            ImageDraw.Draw(image).rectangle((60, 100, 260, 150), colour)
        ImageDraw.Draw(shown[2]).text((20, 20), "Shop now", "white", ImageFont.load_default(40))
        return shown

    kept = replace(videos.film(zip((0.0, 0.5, 1.0), cards((113, 89, 70)), strict=True), 1.5), frames_alone=True)
    green, same = (
        videos.film(zip((0.0, 0.5, 1.0), cards(colour), strict=True), 1.5) for colour in ((76, 108, 70), (113, 89, 70))
    )

    for other, is_same in ((green, False), (same, True)):
        assert compare(kept, other).same is is_same
        assert compare(other, kept).same is is_same


@pytest.mark.parametrize("words", first_of(["Now", "Hot", ""]))
def test_a_block_that_an_encoder_coded_anew_without_its_grain_is_no_place_drawn_anew(words: str) -> None:
    """It copies all else from the card before; pale words that somebody exchanged there have strokes."""
    grain = np.random.default_rng(6).normal(0, 7, (SIZE[1], SIZE[0], 1))
    ground = Image.fromarray((120 + grain + np.zeros((1, 1, 3))).clip(0, 255).astype(np.uint8))

    def cards(pale: str) -> list[Image.Image]:
        shown = [ground.copy() for _ in range(3)]
        for image, said in zip(shown, ("SUMMER", "20% OFF", "TODAY"), strict=True):
            ImageDraw.Draw(image).text((20, 10), said, "white", ImageFont.load_default(40))
        ImageDraw.Draw(shown[2]).text((212, 90), pale, (85, 85, 85), ImageFont.load_default(22))
        return shown

    kept = replace(videos.film(zip((0.0, 0.5, 1.0), cards("Now"), strict=True), 1.5), frames_alone=True)
    coded = cards(words)
    place = 200, 80, 264, 144
    coded[2].paste(coded[2].crop(place).filter(ImageFilter.GaussianBlur(1.8)), place)
    lossy = videos.film(zip((0.0, 0.5, 1.0), coded, strict=True), 1.5)

    assert compare(kept, lossy).same is (words == "Now")
    assert compare(lossy, kept).same is (words == "Now")


def test_a_banner_of_thin_strokes_is_the_same_when_it_is_resized() -> None:
    outlined = [Image.new("RGB", (300, 600), "white") for _ in range(2)]
    for image, words in zip(outlined, ("for 12 months, EUR 54.30", "SUMMER"), strict=True):
        pen = ImageDraw.Draw(image)
        pen.text((40, 520), words, "black", ImageFont.load_default(13))
        pen.ellipse((60, 200, 180, 320), outline="black")

    def saved(scale: float) -> Film:
        size = round(300 * scale), round(600 * scale)
        return videos.film(
            ((0.5 * at, image.resize(size, Image.Resampling.LANCZOS)) for at, image in enumerate(outlined)), 1.0
        )

    assert max(compare(saved(1.0), saved(scale)).score for scale in (0.75, 0.9)) < SAME_RESIDUAL / 2


def test_a_banner_with_its_frames_in_another_order_is_a_version() -> None:
    words = ["LUMERA", "20% OFF", "50% OFF", "Shop now"]

    assert not compare(banner((0.5, word) for word in words), banner((0.5, words[at]) for at in (0, 2, 1, 3))).same


@pytest.mark.long
@pytest.mark.parametrize(
    ("moved", "words"),
    some_of([*product([0, 1, 3], ["20% OFF", "50% OFF"])], in_the_gate=[(3, "50% OFF")]),
)
def test_films_that_lie_on_each_other_are_not_laid_for_nothing(
    monkeypatch: pytest.MonkeyPatch, moved: int, words: str
) -> None:
    """It takes as long once more; what is said of them is the same without it."""

    def shifted(seconds: float) -> Image.Image:
        return titled(seconds, words).transform(SIZE, Image.Transform.AFFINE, (1, 0, moved, 0, 1, 0))

    one, other = film(titled, end=3.0), film(shifted, end=3.0)
    found = compare(one, other)
    monkeypatch.setattr(sequences, "_may_tell", lambda *_: True)

    assert compare(one, other) == found
