"""What a coarse encoding loses is no edit: moving edges that lag, grain and colours. What has another word is one."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.dedup.films import coarse, full_size, sequences
from functions.dedup.films.coarse import Losses
from functions.dedup.films.full_size import Looks
from shared.media import animations
from shared.media import videos as reading
from shared.media.films import Film, Recorder
from shared.media.sandbox import InMemory
from shared.wiring import ROOT
from tests import fonts, pictures, videos
from tests.cases import first_of

pytestmark = pytest.mark.slow

SIZE, LARGE, FPS, SECONDS = (320, 180), (640, 360), 25, 1.6


def crossed(price: str) -> Iterator[Image.Image]:
    """A red shape crosses a scene above a price."""
    scene = pictures.draw(*SIZE, seed=60)
    for number in range(round(FPS * SECONDS)):
        shown = scene.copy()
        drawn = ImageDraw.Draw(shown)
        drawn.pieslice((20 + 4 * number, 20, 100 + 4 * number, 100), 180, 360, fill=(220, 30, 30), outline=(0, 0, 0))
        drawn.text((30, 130), price, fill=(250, 250, 250), font=fonts.bold(26))
        yield shown


def titled(words: str, ink: int = 40) -> Iterator[Image.Image]:
    """Words over plain ground, beneath which a light square moves."""
    for number in range(round(FPS * SECONDS)):
        shown = Image.new("RGB", LARGE, (240, 240, 240))
        drawn = ImageDraw.Draw(shown)
        drawn.text((60, 60), words, fill=(ink, ink, ink), font=fonts.bold(22))
        drawn.rectangle((40 + 8 * number, 200, 140 + 8 * number, 300), fill=(200, 220, 250))
        yield shown


def pale(words: str) -> Iterator[Image.Image]:
    """A scene over which the camera moves, behind pale words that can just be read."""
    scene = pictures.draw(LARGE[0] + 100, LARGE[1], seed=41)
    for number in range(round(FPS * SECONDS)):
        shown = scene.crop((2 * number, 0, 2 * number + LARGE[0], LARGE[1]))
        lettering = Image.new("L", LARGE)
        ImageDraw.Draw(lettering).text((40, 280), words, fill=90, font=fonts.bold(30))
        yield Image.composite(Image.new("RGB", LARGE, "white"), shown, lettering)


def saved(frames: Iterator[Image.Image], quality: int, grain: float = 24.0) -> bytes:
    """As H.264 of this quality keeps it, with the grain of a camera."""
    noise = np.random.default_rng(3)
    grainy = (np.asarray(shown, np.float32) + noise.normal(0, grain, (*shown.size[::-1], 1)) for shown in frames)
    return videos.encode((np.clip(each, 0, 255).astype(np.uint8) for each in grainy), quality=quality, fps=FPS)


def film(content: bytes) -> Film:
    return Film.decoded(reading.read(InMemory(content), "video/mp4", max_duration_s=60).film)


def recorded(frames: Iterator[Image.Image], quantiser: int) -> Film:
    """A film of so coarse steps, with grain: one thread encodes it, so that it is the same each time."""
    noise, recorder = np.random.default_rng(3), Recorder(*SIZE, quantiser=quantiser)
    for number, shown in enumerate(frames):
        grainy = np.asarray(shown, np.float32) + noise.normal(0, 24, (*SIZE[::-1], 1))
        picture = Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8))
        recorder.add(number / FPS, animations.planes(picture, SIZE))
    return Film.decoded(recorder.finish(duration_s=SECONDS, until_s=SECONDS))


@cache
def original() -> Film:
    return recorded(crossed("Now 9.90"), 20)


def is_copy(one: bytes, other: bytes, size: tuple[int, int]) -> bool:
    """What is said of two files, by their films and at their size."""
    found, pair = sequences.compare(film(one), film(other))
    looks = pair and Looks.of(pair, (size[0] * size[1], size[0] * size[1]))
    if not found.same or not looks:
        return found.same
    said = full_size.stands_out(
        InMemory(one + other), first_bytes=len(one), content_types=["video/mp4"] * 2, looks=looks.model_dump()
    )
    return float(said) <= full_size.STANDS_OUT


def test_a_copy_of_few_bits_is_the_same_and_one_with_another_price_is_not() -> None:
    found, pair = sequences.compare(original(), recorded(crossed("Now 9.90"), 50))

    assert found.same
    assert pair
    assert pair.coarse  # it takes that to explain it
    assert not sequences.compare(original(), recorded(crossed("Now 6.90"), 50))[0].same


def test_what_an_encoding_loses_is_the_same_whatever_memory_held_before() -> None:
    told = "from tests.functions.dedup.films.test_coarse import *; print(digest(Losses.of(original(), 12.0)))"
    said = {
        subprocess.run(
            [sys.executable, "-c", told],
            cwd=ROOT,
            env=os.environ | {"GLIBC_TUNABLES": f"glibc.malloc.perturb={filled}"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for filled in (0, 77, 128)
    }

    assert len(said) == 1


def digest(losses: Losses) -> str:
    return hashlib.sha256(losses.luma.tobytes() + losses.chroma.tobytes()).hexdigest()


@pytest.mark.long
@pytest.mark.parametrize("quality", first_of([34, 30]))
def test_pale_words_on_grain_are_told_from_others_in_a_file_of_few_bits(quality: int) -> None:
    one, other = saved(pale("limited run"), 18, 12.0), saved(pale("special run"), quality, 12.0)

    assert not is_copy(one, other, LARGE)


def test_what_is_only_explained_by_a_coarse_encoding_is_looked_at_in_any_size() -> None:
    _, pair = sequences.compare(original(), recorded(crossed("Now 9.90"), 50))

    assert pair
    assert Looks.of(pair, (SIZE[0] * SIZE[1], SIZE[0] * SIZE[1]))
    assert Looks.of(replace(pair, losses=(None, None)), (SIZE[0] * SIZE[1], SIZE[0] * SIZE[1])) is None


@pytest.mark.parametrize("seed", range(8))
def test_nothing_passes_more_easily_where_it_takes_a_coarse_encoding_to_explain_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    one = random.normal(128, 30, (60, 80)).astype(np.float32)
    other = one * np.float32(random.uniform(0.7, 1.0)) + random.normal(0, seed, one.shape).astype(np.float32)
    other[20:30, 20:50] += random.normal(0, 25, (10, 30)).astype(np.float32)
    differing = full_size._Differing.of(one, other)

    worst = full_size._worst_drawn_anew(differing, coarse=False)

    assert full_size._worst_drawn_anew(differing, coarse=True) > worst > 0


@pytest.mark.long
def test_strokes_that_one_file_has_paler_are_the_same_and_others_are_not() -> None:
    one = saved(titled("From 13 euro"), 18, 0.0)

    assert is_copy(one, saved(titled("From 13 euro", ink=52), 18, 0.0), LARGE)
    assert not is_copy(one, saved(titled("From 18 euro", ink=52), 18, 0.0), LARGE)


@pytest.mark.long
def test_what_is_hard_to_encode_loses_most_and_the_more_the_more_coarsely_it_is_encoded() -> None:
    shown, fine, rough = original(), Losses.of(original(), 0.0), Losses.of(original(), 20.0)

    assert (fine.luma.shape, fine.chroma.shape) == (shown.luma.shape, shown.chroma.shape)
    assert fine.luma.mean() < rough.luma.mean()
    assert fine.chroma.mean() < fine.luma.mean()  # the grain is grey
    assert coarse.detail(shown) > coarse.detail(recorded(crossed("Now 9.90"), 50))
