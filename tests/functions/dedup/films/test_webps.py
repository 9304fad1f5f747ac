"""A WebP of an animation that lost nothing is known by what its format makes of the cards; another digit is, too."""

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image, ImageDraw, ImageFont

from functions.dedup.comparing import Comparer
from functions.dedup.films import sequences, webps
from shared.media.sandbox import InMemory
from tests import pictures
from tests.cases import first_of, some_of
from tests.functions.dedup.films.test_full_size import film, known

pytestmark = pytest.mark.slow

SIZE = 320, 50
TITLES = "Drive home", "Fresh bread", "Sale"


@cache
def ground() -> Image.Image:
    return pictures.draw(*SIZE, seed=60)


def cards(digits: str, *, levels: int = 40) -> list[Image.Image]:
    """Three cards of a strip, each with a line of 12 pixels, so many levels lighter than a busy ground."""
    shown = []
    for title, digit in zip(TITLES, digits, strict=True):
        card = ground().copy()
        pen = ImageDraw.Draw(card)
        pen.text((16, 12), title, "white", ImageFont.load_default(22))
        ink = int(np.asarray(card.convert("L"))[19:31, 176:272].mean()) + levels
        pen.text((176, 19), f"{digit} months free", (ink, ink, ink), ImageFont.load_default(12))
        shown.append(card)
    return shown


def saved(pictures_of: Sequence[Image.Image], pillow_format: str, **options: object) -> bytes:
    """Each card for .7 s."""
    first, *others = pictures_of
    return pictures.encode(first, pillow_format, save_all=True, append_images=others, duration=700, loop=0, **options)


def told(original: bytes, content_type: str, webp: bytes) -> bool:
    """Whether a card of the WebP is said to be drawn anew, whichever file comes first."""
    files = [(original, content_type), (webp, "image/webp")]
    said = {
        float(webps.drawn_anew(InMemory(one[0] + other[0]), first_bytes=len(one[0]), content_types=[one[1], other[1]]))
        > webps.DRAWN_ANEW
        for one, other in (files, files[::-1])
    }
    assert len(said) == 1
    return said.pop()


WAYS = [
    {"quality": 50},
    {"quality": 80, "method": 4},
    {"quality": 65, "method": 6},
    {"quality": 70, "kmin": 0, "kmax": 1},
    {"quality": 60, "minimize_size": 1},
    *({"quality": 60, "method": method} for method in (1, 2, 3, 5)),
    *({"quality": 90, "method": method} for method in (0, 1)),
]


DIGITS = "998", "989", "899"


@pytest.mark.parametrize(
    ("digits", "options"),
    some_of([*product(DIGITS, WAYS)], in_the_gate=[(DIGITS[0], WAYS[1])]),
)
def test_another_digit_on_any_card_is_told_by_what_webp_makes_of_the_cards(
    digits: str, options: dict[str, int]
) -> None:
    original, webp = saved(cards("999"), "PNG"), saved(cards(digits), "WEBP", **options)

    assert told(original, "image/png", webp)


OTHER_WAYS = [{"quality": 60, "allow_mixed": 1}]


@pytest.mark.parametrize("options", some_of([*WAYS, *OTHER_WAYS], WAYS[2:5]))
def test_a_copy_is_not_taken_for_another(options: dict[str, int]) -> None:
    one = cards("998")
    webp = saved(one, "WEBP", **options)

    assert not told(saved(one, "PNG"), "image/png", webp)
    assert not told(saved(one, "WEBP", lossless=True), "image/webp", webp)


def test_a_card_saved_at_a_quality_of_its_own_is_not_taken_for_another() -> None:
    """As `img2webp` does it where it is told to: both files are cut into frames, and the frames put together anew."""
    one = cards("998")
    better, coarser = (saved(one, "WEBP", quality=quality, kmin=0, kmax=1) for quality in (80, 50))
    at = [content.rfind(b"ANMF") for content in (better, coarser)]
    body = better[8 : at[0]] + coarser[at[1] :]

    webp = b"RIFF" + len(body).to_bytes(4, "little") + body

    assert not told(saved(one, "PNG"), "image/png", webp)
    assert told(saved(cards("999"), "PNG"), "image/png", webp)


def test_a_digit_that_the_file_only_keeps_of_the_card_before_is_told() -> None:
    """A frame has no place that is as before: what is not in it is asked of the cards as well."""
    one, other = cards("999"), cards("989")
    one[1], other[1] = (both[0].copy() for both in (one, one))
    ImageDraw.Draw(one[1]).rectangle((0, 0, 40, 8), "navy")
    ImageDraw.Draw(other[1]).rectangle((0, 0, 40, 8), "navy")
    ImageDraw.Draw(one[1]).text((176, 36), "today", "white", ImageFont.load_default(12))

    assert told(saved(one, "PNG"), "image/png", saved(other, "WEBP", quality=70))
    assert not told(saved(one, "PNG"), "image/png", saved(one, "WEBP", quality=70))


@pytest.mark.parametrize(("pillow_format", "lossless"), first_of([("PNG", False), ("WEBP", True)]))
def test_two_animations_that_differ_in_a_digit_are_never_merged(
    bucket: storage.Bucket, pillow_format: str, lossless: bool
) -> None:
    options = {"lossless": True} if lossless else {}
    original = known(bucket, saved(cards("999"), pillow_format, **options), f"image/{pillow_format.lower()}")
    copy, other = (known(bucket, saved(cards(digits), "WEBP", quality=50), "image/webp") for digits in ("999", "998"))

    comparer = Comparer(bucket.client, bucket.name)
    found, others = (comparer.compare(original, each) for each in (copy, other))

    assert found
    assert others
    assert found.same
    assert (others.same, others.family) == (False, True)
    assert sequences.compare(film(bucket, original), film(bucket, other))[0].same  # the kept films do not tell
