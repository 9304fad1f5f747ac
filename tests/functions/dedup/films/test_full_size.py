"""What would be merged is looked at in the size of its files: words that are too small for the kept films count."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from google.cloud import storage
from PIL import Image, ImageDraw

from functions.dedup.comparing import Comparer
from functions.dedup.decisions import undecided
from functions.dedup.films import full_size, sequences
from functions.dedup.films.full_size import Looks
from functions.dedup.films.pairs import Pair
from functions.dedup.known import Known
from functions.dedup.pictures.verification import Comparison
from functions.hash import decoding as picture_decoding
from functions.probe import decoding as video_decoding
from shared import identity
from shared.events import Fingerprint, ImageObject, Kind, VideoObject
from shared.media import film_store, fingerprints
from shared.media.films import Film
from shared.media.sandbox import InMemory
from tests import fonts, pictures, videos
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

FPS, SECONDS = 25, 2.0
UPRIGHT, FULL_HD, SQUARE = (360, 640), (1920, 1080), (640, 640)
MAY_12, MAY_22 = "Offer valid until 12 May 2026.", "Offer valid until 22 May 2026."


@cache
def backdrop(size: tuple[int, int]) -> Image.Image:
    return pictures.draw(size[0] + 60, size[1], seed=41)


def frames(size: tuple[int, int], legal: str, height: int, *, fps: int = FPS, fast: int = 24) -> Iterator[videos.Frame]:
    """A scene over which the camera moves, `fast` pixels a second, with a legal line on a strip at its foot."""
    strip = Image.new("RGB", (size[0], size[1] // 8), (24, 40, 80))
    ImageDraw.Draw(strip).text((10, 10), legal, fill=(150, 160, 180), font=fonts.bold(height))
    for number in range(round(fps * SECONDS)):
        left = round(fast * number / fps)
        shown = backdrop(size).crop((left, 0, left + size[0], size[1]))
        shown.paste(strip, (0, size[1] - strip.height))
        yield np.asarray(shown)


@cache
def spot(size: tuple[int, int], legal: str, height: int, *, quality: int = 18, fps: int = FPS, fast: int = 24) -> bytes:
    return videos.encode(frames(size, legal, height, fps=fps, fast=fast), quality=quality, fps=fps)


@cache
def banner(legal: str, pillow_format: str, **options: int) -> bytes:
    """Three cards of half a second and more, the legal line on the second one."""
    cards = [Image.fromarray(next(frames(SQUARE, words, 16))) for words in ("", legal)]
    cards.append(Image.fromarray(255 - np.asarray(cards[0])))
    durations = [500, 1200, 900]
    return pictures.encode(
        cards[0], pillow_format, save_all=True, append_images=cards[1:], duration=durations, loop=0, **options
    )


def known(bucket: storage.Bucket, content: bytes, content_type: str) -> Known:
    """What `dedup` knows of an uploaded file once it has been looked at."""
    own_id = identity.creative_id(content)
    bucket.blob(own_id).upload_from_string(content)
    is_video = content_type.startswith("video/")
    kind, decoding = (Kind.VIDEO, video_decoding) if is_video else (Kind.IMAGE, picture_decoding)
    limit = {"max_duration_s": 60} if is_video else {"max_pixels": 10**8}
    said = decoding.measure(InMemory(content), content_type=content_type, **limit)
    found = fingerprints.keep(
        bucket.client,
        bucket.name,
        (VideoObject if is_video else ImageObject)(
            event_id="e",
            creative_id=own_id,
            uri=f"gs://{bucket.name}/{own_id}",
            content_type=content_type,
            bytes=len(content),
        ),
        decoding.Measured.model_validate_json(said),
        kind=kind,
    )
    assert isinstance(found, Fingerprint)
    return undecided(found)


def compare(bucket: storage.Bucket, one: Known, other: Known) -> Comparison:
    found = Comparer(bucket.client, bucket.name).compare(one, other)
    assert found
    return found


def film(bucket: storage.Bucket, one: Known) -> Film:
    stored = film_store.uri(bucket.name, one.creative_id).removeprefix(f"gs://{bucket.name}/")
    return Film.decoded(bucket.blob(stored).download_as_bytes())


@pytest.mark.parametrize(
    ("size", "height", "fast"),
    first_of([(UPRIGHT, 12, 24), (UPRIGHT, 12, 0), (FULL_HD, 28, 24), (FULL_HD, 28, 0)]),
)
def test_another_date_in_small_print_is_never_merged(
    bucket: storage.Bucket, size: tuple[int, int], height: int, fast: int
) -> None:
    one, other = (known(bucket, spot(size, legal, height, fast=fast), "video/mp4") for legal in (MAY_12, MAY_22))

    found = compare(bucket, one, other)

    assert (found.same, found.family) == (False, True)
    assert sequences.compare(film(bucket, one), film(bucket, other))[0].same  # the kept films do not tell


@pytest.mark.long
def test_of_a_long_film_no_more_is_looked_at_than_its_film_has(bucket: storage.Bucket) -> None:
    shot = film(bucket, known(bucket, spot(UPRIGHT, MAY_12, 12), "video/mp4"))
    samples = 30.0, 60.0  # past the first minute one is kept each half minute
    long = replace(shot, seconds=np.concatenate([shot.seconds[:-2], samples]), duration_s=62.0, until_s=1.5)

    looks = Looks.of(Pair.of(long, long), (640 * 360, 640 * 360))

    assert looks
    assert 1.0 < max(max(each) for each in looks.seconds) <= long.until_s


@cache
def fading(
    words: str, height: int, colours: tuple[str, str], size: tuple[int, int], *, steps: int, quality: int
) -> bytes:
    """Of two cards the second has words of nearly its own hue; it fades in, or is cut to."""
    ink, ground = colours
    first, second = Image.new("RGB", size, ground), Image.new("RGB", size, ground)
    for card, headline in ((first, "New coffee"), (second, "Order now")):
        ImageDraw.Draw(card).text((size[0] // 20, size[1] // 12), headline, "white", fonts.bold(size[1] // 8))
    ImageDraw.Draw(second).text((size[0] // 20, size[1] - 2 * height), words, ink, fonts.bold(height))
    between = [Image.blend(first, second, step / (steps + 1)) for step in range(1, steps + 1)]
    return videos.encode(map(np.asarray, (*[first] * 20, *between, *[second] * 30)), fps=FPS, quality=quality)


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "height", "colours", "size", "steps"),
    [
        (("ab 5 kg", "ab 6 kg"), 26, ("#2f8c44", "#0c7436"), (970, 250), 0),
        (("18 Uhr", "16 Uhr"), 24, ("#a8579c", "#7d2f78"), (480, 320), 10),
    ],
)
def test_words_of_nearly_their_grounds_colour_are_told_where_a_card_stands(
    bucket: storage.Bucket,
    words: tuple[str, str],
    height: int,
    colours: tuple[str, str],
    size: tuple[int, int],
    steps: int,
) -> None:
    """After a fade, too, the first frame of which is all that a film keeps of the card."""
    one, copy, other = (
        known(bucket, fading(each, height, colours, size, steps=steps, quality=quality), "video/mp4")
        for each, quality in ((words[0], 22), (words[0], 28), (words[1], 23))
    )

    assert compare(bucket, one, copy).same
    assert not compare(bucket, one, other).same


@pytest.mark.parametrize("pillow_format", some_of(["GIF", "WEBP", "AVIF"], in_the_gate=["GIF", "WEBP"]))
def test_another_date_on_a_card_of_a_banner_is_never_merged(bucket: storage.Bucket, pillow_format: str) -> None:
    content_type = f"image/{pillow_format.lower()}"
    one, other = (known(bucket, banner(legal, pillow_format), content_type) for legal in (MAY_12, MAY_22))

    assert not compare(bucket, one, other).same


@pytest.mark.parametrize(("kind", "grey"), first_of([("WEBP", 110), ("AVIF", 140)]))
def test_a_digit_is_told_that_is_much_of_all_that_is_as_pale(bucket: storage.Bucket, kind: str, grey: int) -> None:
    """A line of 14 pixels under a headline: by what its digit differs, nearly all that has its contrast may differ."""

    def cards(price: str, pillow_format: str, quality: int) -> Known:
        shown = [Image.new("RGB", SQUARE, (24, 40, 80)) for _ in range(3)]
        for image, said, asked in zip(
            shown, ("Autumn sale", "New arrivals", "Shop now"), ("12", price, "12"), strict=True
        ):
            pen = ImageDraw.Draw(image)
            pen.text((60, 80), said, fill="white", font=fonts.bold(56))
            line = f"only EUR {asked}.90 a month"
            pen.text((80, 600), line, fill=(grey, grey + 10, grey + 30), font=fonts.bold(14))
        content = pictures.encode(
            shown[0], pillow_format, save_all=True, append_images=shown[1:], duration=700, loop=0, quality=quality
        )
        return known(bucket, content, f"image/{pillow_format.lower()}")

    one = cards("12", "WEBP", 60)
    copy, other = (cards(price, kind, 75 if kind == "WEBP" else 60) for price in ("12", "13"))

    assert compare(bucket, one, copy).same
    assert not compare(bucket, one, other).same


@pytest.mark.long
@pytest.mark.parametrize(
    ("first_ms", "second_ms", "last_ms"),
    some_of(
        [(400, 400, 1600), (100, 1400, 900), (700, 1200, 300), (900, 1000, 900)],
        in_the_gate=[(700, 1200, 300)],
    ),
)
def test_a_tool_that_gives_cards_other_times_makes_a_copy(
    bucket: storage.Bucket, first_ms: int, second_ms: int, last_ms: int
) -> None:
    """As FFmpeg does: of a GIF it makes an APNG whose second card begins late, and whose last is held twice as long."""

    def by(pillow_format: str, held: tuple[int, ...], legal: str) -> Known:
        cards = [Image.fromarray(next(frames(SQUARE, legal, 16))) for _ in held]
        for number, card in enumerate(cards):
            ImageDraw.Draw(card).text((40 + 200 * number, 100 + 60 * number), f"{number} left", font=fonts.bold(30))
        options = {"save_all": True, "append_images": cards[1:], "duration": list(held), "loop": 0, "lossless": True}
        return known(bucket, pictures.encode(cards[0], pillow_format, **options), f"image/{pillow_format.lower()}")

    durations = first_ms, second_ms, last_ms
    one = by("WEBP", (500, 1200, 900), MAY_12)
    copy, other = (by("PNG", durations, legal) for legal in (MAY_12, MAY_22))

    assert compare(bucket, one, copy).same
    assert not compare(bucket, one, other).same


@pytest.mark.parametrize(("quality", "fps"), first_of([(32, 25), (28, 25), (23, 30)]))
def test_a_copy_is_still_found_in_the_size_of_the_files(bucket: storage.Bucket, quality: int, fps: int) -> None:
    one, copy = (
        known(bucket, spot(UPRIGHT, MAY_12, 16, quality=worse, fps=rate), "video/mp4")
        for worse, rate in ((18, 25), (quality, fps))
    )

    assert compare(bucket, one, copy).same


def test_a_banner_saved_again_is_still_found(bucket: storage.Bucket) -> None:
    one, copy = (known(bucket, banner(MAY_12, "WEBP", quality=quality), "image/webp") for quality in (90, 60))

    assert compare(bucket, one, copy).same


@pytest.mark.parametrize("pillow_format", ["AVIF", "WEBP"])
def test_strokes_that_are_paler_are_another_encoders_mixture_only_where_a_format_mixes_cards(
    bucket: storage.Bucket, pillow_format: str
) -> None:
    """An encoder of video takes parts of a card from the next one, moved to where they fit nearly."""

    def cards(*, paler: float) -> list[Image.Image]:
        shown = [Image.fromarray(next(frames(SQUARE, "", 16))) for _ in range(3)]
        for image, said in zip(shown, ("20% OFF", "Now 50% OFF", "Shop now"), strict=True):
            pen = ImageDraw.Draw(image)
            pen.rectangle((0, 200, SQUARE[0], 300), fill=(40, 40, 48))
            pen.text((60, 210), said, fill=(180, 180, 186), font=fonts.bold(64))
        place = 60, 225, 110, 229
        ground = Image.new("RGB", (50, 4), (40, 40, 48))
        shown[0].paste(Image.blend(shown[0].crop(place), ground, paler), place)
        return shown

    contents = [
        pictures.encode(shown[0], kind, save_all=True, append_images=shown[1:], duration=500, loop=0, quality=quality)
        for kind, quality, shown in (("WEBP", 95, cards(paler=0.0)), (pillow_format, 85, cards(paler=0.3)))
    ]
    content_types = ["image/webp", f"image/{pillow_format.lower()}"]
    both = [film(bucket, known(bucket, *each)) for each in zip(contents, content_types, strict=True)]
    looks = Looks.of(Pair.of(*both), (SQUARE[0] * SQUARE[1],) * 2)

    assert looks
    worst = full_size.stands_out(
        InMemory(b"".join(contents)),
        first_bytes=len(contents[0]),
        content_types=content_types,
        looks=looks.model_dump(),
    )
    assert (float(worst) <= full_size.STANDS_OUT) is (pillow_format == "AVIF")


def test_what_cannot_be_looked_at_in_its_own_size_is_a_version(bucket: storage.Bucket) -> None:
    one, copy = (known(bucket, spot(UPRIGHT, MAY_12, 16, quality=quality), "video/mp4") for quality in (18, 28))
    bucket.blob(copy.creative_id).delete()

    found = compare(bucket, one, copy)

    assert (found.same, found.family) == (False, True)


def test_a_file_that_is_no_larger_than_its_film_is_not_looked_at_again(bucket: storage.Bucket) -> None:
    small = [known(bucket, spot((320, 180), MAY_12, 16, quality=quality), "video/mp4") for quality in (18, 28)]

    found, pair = sequences.compare(film(bucket, small[0]), film(bucket, small[1]))

    assert found.same
    assert pair
    assert Looks.of(pair, (small[0].area, small[1].area)) is None
