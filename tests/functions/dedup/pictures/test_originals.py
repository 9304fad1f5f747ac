"""Pictures compared at full size: what a person can read there makes them two, what tools do to a file does not."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from functions.dedup.pictures import appearance, channels, originals, overlays
from functions.dedup.pictures.resaving import Saved
from functions.dedup.pictures.verdicts import Verdict
from shared.media import images
from shared.media.sandbox import InMemory
from tests import display_p3, fonts, pictures
from tests.cases import first_of, some_of
from tests.e2e import campaign
from tests.functions.dedup import creatives

pytestmark = pytest.mark.slow

Colour = tuple[int, int, int]

AD = campaign.Ad(0, (480, 300), 8, (90, 30, 60), "Sleep better", 40, 1990, "Learn more")

STRIPS = Path(__file__).parent / "strips"
"""Of 320x50, drawn by a browser; saved by avifenc, as somebody made them who looked for ads that pass for copies."""


def same(one: Image.Image, other: Image.Image) -> bool:
    """Whether they are, asked both ways round."""
    first, second = np.asarray(one.convert("RGB")), np.asarray(other.convert("RGB"))
    verdict = appearance.compare(first, second)
    assert verdict == appearance.compare(second, first)
    return verdict.same


def written(
    words: str, pixels: int, ink: Colour, ground: Colour = (255, 255, 255), *, size: tuple[int, int] = (500, 500)
) -> Image.Image:
    """A picture, and words on a plain strip that touch its lower edge but for four pixels."""
    image = pictures.draw(*size, seed=5)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] - pixels * 2, size[0], size[1]), fill=ground)
    pen.text((10, size[1] - 4), words, ink, fonts.bold(pixels), anchor="ls")
    return image


def grey(level: int) -> Colour:
    return level, level, level


SAVED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "jpeg": lambda image: creatives.saved(image, "JPEG", quality=85),
    "webp": lambda image: creatives.saved(image, "WEBP", quality=80),
}


WORDS = [("12 months", "24 months"), ("€19.99", "€19.49"), ("until 3 May", "until 8 May"), ("1.9% APR", "7.9% APR")]


@pytest.mark.parametrize(
    ("words", "pixels", "level", "saved"),
    some_of(
        [(words, *drawn, saved) for words in WORDS for drawn in ((9, 20), (14, 120), (22, 195)) for saved in SAVED],
        in_the_gate=[(WORDS[0], 9, 20, "as it is"), (WORDS[0], 14, 120, "jpeg")],
    ),
)
def test_small_and_pale_words_at_the_edge_tell_two_ads_apart(
    words: tuple[str, str], pixels: int, level: int, saved: str
) -> None:
    ad, version = (written(each, pixels, grey(level)) for each in words)
    save = SAVED[saved]

    assert not same(ad, save(version))
    assert same(ad, save(ad))


@pytest.mark.parametrize("level", [225, 215])
def test_words_that_are_hardly_darker_than_their_ground_tell_two_ads_apart(level: int) -> None:
    assert not same(written("20% OFF", 12, grey(level)), written("50% OFF", 12, grey(level)))


@pytest.mark.parametrize(
    ("ink", "ground"),
    first_of([((200, 60, 60), (40, 129, 40)), ((230, 120, 40), (90, 150, 225)), ((150, 120, 135), (126, 134, 130))]),
)
@pytest.mark.parametrize("pixels", first_of([24, 200]))
def test_words_told_from_their_ground_by_colour_alone_tell_two_ads_apart(
    ink: Colour, ground: Colour, pixels: int
) -> None:
    ad, version = (written(words, pixels, ink, ground) for words in ("20%", "50%"))

    assert not same(ad, version)
    assert same(ad, creatives.saved(ad, "JPEG", quality=85))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [((200, 60, 60), (40, 129, 40)), ((215, 95, 160), (126, 134, 140)), ((222, 190, 205), (200,) * 3)],
)
@pytest.mark.parametrize("pixels", [9, 12])
def test_the_smallest_words_in_colour_alone_tell_apart_two_ads_saved_without_loss(
    ink: Colour, ground: Colour, pixels: int
) -> None:
    ad, version = (written(words, pixels, ink, ground) for words in ("7.9% APR", "1.9% APR"))

    assert not same(ad, version)


@pytest.mark.parametrize(
    ("ink", "ground", "pixels", "copied"),
    some_of(
        [
            *product([(154, 116, 64)], [(136, 124, 67)], [30], [("JPEG", 80), ("WEBP", 85)]),
            *product([(140, 169, 88)], [(125, 175, 125)], [24, 30], [("JPEG", 80), ("WEBP", 85)]),
            *product([(112, 105, 141)], [(120, 108, 110)], [24], [("JPEG", 80), ("WEBP", 85)]),
        ],
        in_the_gate=[((112, 105, 141), (120, 108, 110), 24, ("WEBP", 85))],
    ),
)
def test_words_in_colour_alone_tell_two_ads_apart_though_both_have_lost_some(
    ink: Colour, ground: Colour, pixels: int, copied: tuple[str, int]
) -> None:
    ad, version = (written(words, pixels, ink, ground, size=(600, 600)) for words in ("until 3 May", "until 8 May"))
    pillow_format, quality = copied
    original = kept(ad, "WEBP", quality=75)
    copy, other = (kept(image, pillow_format, quality=quality) for image in (ad, version))

    of_copy = originals.compare_saved(original, copy)
    assert of_copy.same is not of_copy.hiding
    assert not originals.compare_saved(original, other).same


@pytest.mark.long
@pytest.mark.parametrize("pixels", first_of([12, 14]))
def test_where_another_letter_would_hide_a_copy_is_the_same_only_beside_what_lost_nothing(pixels: int) -> None:
    ad = written("from €38", pixels, (214, 96, 158), (127, 134, 139))
    coarse = kept(ad, "JPEG", quality=60)

    unsure = originals.compare_saved(kept(ad, "WEBP", quality=80), coarse)

    assert unsure.hiding
    assert not unsure.same
    assert originals.compare_saved(kept(ad, "PNG"), coarse).same


@pytest.mark.long
@pytest.mark.parametrize("pixels", first_of([12, 16]))
def test_what_a_jpeg_shows_in_colour_alone_tells_it_from_a_picture_though_its_program_keeps_luma_otherwise(
    pixels: int,
) -> None:
    ad, version = (written(words, pixels, (214, 96, 158), (127, 134, 139)) for words in ("until 6 Jul", "until 8 Jul"))
    original = kept(ad, "PNG")
    copy, other = (kept(otherwise_in_luma(image), "JPEG", quality=80, subsampling=0) for image in (ad, version))

    assert originals.compare_saved(original, copy).same
    assert not originals.compare_saved(original, other).same


def otherwise_in_luma(image: Image.Image) -> Image.Image:
    """By a few levels in every place, as of two programs each leaves out something else."""
    luma, blue, red = image.convert("YCbCr").split()
    noise = np.random.default_rng(1).normal(0, 3, (image.height, image.width))
    other = Image.fromarray(np.clip(np.asarray(luma) + noise, 0, 255).astype(np.uint8))
    return Image.merge("YCbCr", (other, blue, red)).convert("RGB")


@pytest.mark.parametrize(
    ("colours", "pixels", "quality", "words"),
    some_of(
        [
            (((214, 96, 158), (127, 134, 139)), 12, 70, ("€19.99", "€19.49")),
            (((226, 122, 44), (92, 151, 222)), 14, 50, ("€19.99", "€19.49")),
            (((198, 62, 58), (44, 127, 44)), 12, 60, ("1.9% APR", "7.9% APR")),
        ],
        in_the_gate=[(((214, 96, 158), (127, 134, 139)), 12, 70, ("€19.99", "€19.49"))],
    ),
)
@pytest.mark.parametrize(("width", "height"), first_of([(300, 250), (728, 90)]))
def test_a_jpeg_of_the_picture_but_for_a_word_is_no_copy_whatever_may_have_been_before(
    colours: tuple[Colour, Colour], pixels: int, quality: int, words: tuple[str, str], width: int, height: int
) -> None:
    ad, version = (on_a_strip(each, pixels, *colours, size=(width, height)) for each in words)

    assert not originals.compare_saved(kept(ad, "PNG"), kept(version, "JPEG", quality=quality)).same
    assert originals.compare_saved(kept(ad, "PNG"), kept(ad, "JPEG", quality=quality)).same


def on_a_strip(words: str, pixels: int, ink: Colour, ground: Colour, *, size: tuple[int, int]) -> Image.Image:
    """A picture, and words on a plain strip across its lower half."""
    image, top = pictures.draw(*size, seed=7), size[1] * 6 // 10
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, top - pixels, size[0], top + 2 * pixels), fill=ground)
    pen.text((70, top), words, ink, fonts.bold(pixels), anchor="lt")
    return image


@pytest.mark.parametrize(
    ("words", "pixels", "quality", "side"),
    some_of(
        [
            (("€19.99", "€19.49"), 10, 45, 300),
            (("€19.99", "€19.49"), 16, 55, 500),
        ],
        in_the_gate=[(("€19.99", "€19.49"), 10, 45, 300)],
    ),
)
def test_what_an_avif_loses_excuses_no_letter_that_stands_out_in_its_line(
    words: tuple[str, str], pixels: int, quality: int, side: int
) -> None:
    ad, version = (on_a_strip(each, pixels, (214, 96, 158), (127, 134, 139), size=(side, side)) for each in words)
    original = kept(ad, "PNG")
    copy, other = (kept(image, "AVIF", quality=quality, speed=8) for image in (ad, version))

    of_copy = originals.compare_saved(original, copy)
    assert "words in colour alone" in originals.compare_saved(original, other).told_by
    assert of_copy.same is not of_copy.may_hide


@pytest.mark.parametrize(
    ("colours", "pixels", "saved"),
    some_of(
        [
            (((198, 62, 58), (44, 127, 44)), 10, {"quality": 55, "speed": 8}),
            (((198, 62, 58), (44, 127, 44)), 10, {"quality": 80, "speed": 6}),
            (((214, 96, 158), (127, 134, 139)), 14, {"quality": 45, "speed": 8}),
        ],
        in_the_gate=[(((198, 62, 58), (44, 127, 44)), 10, {"quality": 55, "speed": 8})],
    ),
)
def test_an_avif_in_which_another_letter_may_hide_is_a_copy_only_where_its_colours_are_near(
    colours: tuple[Colour, Colour], pixels: int, saved: dict[str, int]
) -> None:
    ad, version = (on_a_strip(each, pixels, *colours, size=(500, 500)) for each in ("€19.99", "€19.49"))
    copy, other = (originals.compare_saved(kept(ad, "PNG"), kept(each, "AVIF", **saved)) for each in (ad, version))

    assert other.told_by == {"letters may hide in an AVIF": 1}
    assert copy.same is not copy.may_hide
    assert other.hiding or copy.same


RED_ON_GREEN = (200, 60, 60), (40, 129, 40)
PINK_ON_GREY = (215, 95, 160), (126, 134, 140)


@pytest.mark.long
@pytest.mark.parametrize(
    ("colours", "pixels", "quality"),
    some_of(
        [*product((RED_ON_GREEN, PINK_ON_GREY), (24, 32), (50, 70))],
        in_the_gate=[(RED_ON_GREEN, 24, 50)],
    ),
)
def test_words_in_colour_alone_tell_two_ads_apart_though_one_was_saved_coarsely(
    colours: tuple[Colour, Colour], pixels: int, quality: int
) -> None:
    ink, ground = colours
    ad, version = (written(words, pixels, ink, ground) for words in ("20% OFF", "50% OFF"))

    assert not same(ad, creatives.saved(version, "JPEG", quality=quality))


SIZES = (320, 100), (120, 600), (500, 500)
BORDERS = "black", "white", (90, 20, 60)


@pytest.mark.parametrize(
    ("border", "size"),
    some_of([*product(BORDERS, SIZES)], in_the_gate=[(BORDERS[0], SIZES[0])]),
)
def test_a_copy_in_a_border_of_a_pixel_lies_on_its_original_to_the_pixel(
    border: str | Colour, size: tuple[int, int]
) -> None:
    ad = creatives.ad(size=size)
    framed = ImageOps.expand(ad, 1, border)

    assert same(ad, framed)


def test_a_crop_of_some_percent_of_other_words_is_not_the_same() -> None:
    ad, version = (written(words, 14, grey(120)) for words in ("12 months", "24 months"))

    assert same(ad, ad.crop((4, 4, 496, 498)))
    assert not same(ad, version.crop((4, 4, 496, 498)))


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cropped": lambda image: image.crop((1, 1, image.width - 1, image.height - 1)),
    "jpeg q70": lambda image: creatives.saved(image, "JPEG", quality=70),
    "half": lambda image: creatives.saved(image.resize((image.width // 2, image.height // 2)), "JPEG", quality=80),
    "larger": lambda image: image.resize((image.width * 5 // 4, image.height * 5 // 4)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.05),
    "shifted in tone": lambda image: image.point(lambda level: min(255, level + 6)),
}


@pytest.mark.parametrize(
    ("size", "copied"),
    some_of(
        [*product(((600, 600), (728, 90), (160, 600)), COPIES)],
        in_the_gate=[*product(((728, 90),), COPIES)],
    ),
)
def test_a_copy_is_the_same_at_every_size(size: tuple[int, int], copied: str) -> None:
    ad = creatives.ad(size=size)

    assert same(ad, COPIES[copied](ad))


@pytest.mark.long
@pytest.mark.parametrize(
    ("factor", "quality"), some_of([*product((1.2, 4 / 3, 1.5), (60, 85))], in_the_gate=[(1.2, 85)])
)
def test_a_copy_enlarged_by_repeating_some_pixels_is_the_same_and_one_of_other_words_is_not(
    factor: float, quality: int
) -> None:
    ad, version = (creatives.ad(words, size=(300, 250)) for words in ("20% OFF", "50% OFF"))
    size = round(ad.width * factor), round(ad.height * factor)

    enlarged, other = (
        creatives.saved(image.resize(size, Image.Resampling.NEAREST), "JPEG", quality=quality)
        for image in (ad, version)
    )

    assert same(ad, enlarged)
    assert not same(ad, other)


@pytest.mark.long
def test_a_palette_changes_no_more_of_a_large_picture_than_its_dither() -> None:
    """A small banner's dither is as large as its words in colour alone: there such copies are missed."""
    ad = creatives.ad(size=(600, 600))

    assert same(ad, creatives.saved(ad, "GIF"))


def test_a_small_word_in_colour_alone_tells_two_banners_apart_though_one_has_a_palette() -> None:
    ink, ground = (230, 120, 40), (90, 150, 225)
    ad, version = (written(words, 12, ink, ground, size=(320, 100)) for words in ("-50%", "-90%"))

    assert not same(ad, creatives.saved(version, "GIF"))


def of_few_colours(words: str) -> Image.Image:
    """An ad that a palette keeps nearly all of: a small pale photograph, and words on a plain ground."""
    image = Image.new("RGB", (300, 250), (250, 250, 250))
    photograph = pictures.draw(60, 40, seed=5)
    image.paste(Image.blend(photograph, Image.new("RGB", photograph.size, grey(120)), 0.7), (10, 10))
    pen = ImageDraw.Draw(image)
    for at, line in enumerate(("Nordvik winter", "Made for mornings", "Order today, pay later")):
        pen.text((10, 100 + 36 * at), line, (20, 20, 40), fonts.bold(26 - 2 * at))
    pen.text((10, 232), words, grey(180), fonts.bold(10))
    return image


def test_a_palette_that_keeps_nearly_all_of_an_ad_makes_no_other_ad_of_it() -> None:
    ad, version = (of_few_colours(words) for words in ("12 months", "24 months"))
    saved = [image.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB") for image in (ad, version)]

    assert same(ad, saved[0])
    assert not same(ad, saved[1])


@pytest.mark.parametrize("pillow_format", first_of(["JPEG", "WEBP"]))
def test_a_banner_cut_on_its_long_side_lies_on_its_original_to_the_pixel(pillow_format: str) -> None:
    """A fiftieth of a leaderboard's width is a sixth of its height."""
    ad, version = (
        written(words, 9, (230, 120, 40), (90, 150, 225), size=(728, 90)).crop((7, 1, 720, 89))
        for words in ("7.9% APR", "1.9% APR")
    )
    original = kept(written("7.9% APR", 9, (230, 120, 40), (90, 150, 225), size=(728, 90)), "PNG")

    assert originals.compare_saved(original, kept(ad, pillow_format, quality=75)).same
    assert not originals.compare_saved(original, kept(version, pillow_format, quality=75)).same


def test_a_copy_of_a_coarse_copy_is_the_same() -> None:
    coarse = creatives.saved(creatives.ad(size=(600, 600)), "JPEG", quality=50)

    assert same(coarse, creatives.saved(coarse, "JPEG", quality=70))


def kept(image: Image.Image, pillow_format: str, **options: object) -> Saved:
    """A picture in a file."""
    content = pictures.encode(image, pillow_format, **options)
    return Saved(content, f"image/{pillow_format.lower()}", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.long
def test_how_a_file_was_saved_decides_where_it_tells_and_the_same_both_ways_round() -> None:
    ad, version = (written(words, 10, (200, 60, 60), (40, 129, 40)) for words in ("20% OFF", "50% OFF"))
    original = kept(ad, "PNG")

    for pillow_format in ("JPEG", "WEBP"):
        copy, other = (kept(image, pillow_format, quality=60) for image in (ad, version))
        assert originals.compare_saved(original, copy).same
        assert not originals.compare_saved(original, other).same
        assert originals.compare_saved(original, other) == originals.compare_saved(other, original)


@pytest.mark.long
@pytest.mark.parametrize(("pillow_format", "quality"), first_of([("JPEG", 90), ("WEBP", 88)]))
def test_a_copy_in_display_p3_is_the_same_and_words_in_colour_alone_are_not(pillow_format: str, quality: int) -> None:
    ad, version = (written(words, 10, (200, 60, 60), (40, 129, 40)) for words in ("20% OFF", "50% OFF"))
    wide = {"icc_profile": display_p3.profile(), "quality": quality}
    copy, other = (
        (pictures.encode(display_p3.numbers(each), pillow_format, **wide), f"image/{pillow_format.lower()}")
        for each in (ad, version)
    )
    original = pictures.encode(ad, "PNG"), "image/png"

    assert compared(original, copy).same
    assert not compared(original, other).same


def test_a_copy_that_lost_its_profile_is_the_same_and_one_of_other_words_is_not() -> None:
    """A network sends on the numbers, and not what they stand for."""
    ad, version = (written(words, 14, (200, 60, 60), (40, 129, 40)) for words in ("20% OFF", "50% OFF"))
    original = pictures.encode(ad, "PNG", icc_profile=display_p3.profile()), "image/png"
    copy, other = ((pictures.encode(each, "JPEG", quality=90), "image/jpeg") for each in (ad, version))
    plain = pictures.encode(ad, "PNG"), "image/png"

    assert compared(original, copy).same
    assert compared(copy, original).same
    assert not compared(original, other).same
    shas = {found.sha for each in (original, plain) if (found := images.pixels(*each, max_pixels=10**7))}
    assert len(shas) == 1


def compared(*files: tuple[bytes, str]) -> Verdict:
    """What two files say, as they are compared in a child."""
    contents, content_types = zip(*files, strict=True)
    source, first_bytes = InMemory(b"".join(contents)), len(contents[0])
    said = originals.compare_files(source, first_bytes=first_bytes, content_types=content_types, max_pixels=10**7)
    return Verdict.model_validate_json(said)


RED, MAGENTA = (198, 40, 40), (173, 20, 87)
PALE = {"yellow": (255, 238, 88), "cream": (255, 236, 179), "light blue": (179, 229, 252)}


@pytest.mark.parametrize(
    ("size", "ground", "colour", "pixels"),
    some_of(
        [
            (size, ground, *line)
            for size in ((320, 50), (468, 60))
            for ground in (RED, MAGENTA)
            for line in (("yellow", 16), ("yellow", 24), ("cream", 20), ("light blue", 18))
        ],
        in_the_gate=[((468, 60), MAGENTA, "yellow", 24)],
    ),
)
def test_a_line_of_a_strip_in_another_pale_colour_is_no_copy(
    size: tuple[int, int], ground: Colour, colour: str, pixels: int
) -> None:
    """Light on dark in both: all that an encoder blurs, and the line fills much of so small a picture."""
    ad, version = (written("Socks by post", pixels, ink, ground, size=size) for ink in ((255, 255, 255), PALE[colour]))
    original = kept(ad, "PNG")

    for quality in (80, 95):
        copy, other = (kept(image, "JPEG", quality=quality) for image in (ad, version))
        assert originals.compare_saved(original, copy).same
        assert not originals.compare_saved(original, other).same
        assert not originals.compare_saved(other, original).same
        if colour != "cream":  # between two lossy files it is too near to white
            assert not originals.compare_saved(kept(ad, "JPEG", quality=90), other).same


def test_copies_of_one_picture_in_two_formats_are_the_same() -> None:
    ad, version = campaign.draw(AD), campaign.draw(replace(AD, percent=50))
    in_jpeg = kept(ad, "JPEG", quality=90)

    for quality in (60, 80):
        in_webp, other = (kept(image, "WEBP", quality=quality) for image in (ad, version))
        assert originals.compare_saved(in_jpeg, in_webp).same
        assert originals.compare_saved(in_webp, in_jpeg).same
        assert not originals.compare_saved(in_jpeg, other).same


@pytest.mark.parametrize(
    ("seed", "height", "level", "quality"),
    some_of(
        [(1, 11, 165, 50), (1, 12, 165, 50), (2, 10, 150, 50), (2, 10, 165, 70)],
        in_the_gate=[(2, 10, 165, 70)],
    ),
)
def test_a_digit_on_a_plain_ground_tells_two_ads_apart_whatever_became_of_the_texture_beside_it(
    seed: int, height: int, level: int, quality: int
) -> None:
    ad, version = (on_plain_ground(words, height, level, seed) for words in ("9.9% APR", "8.9% APR"))
    in_jpeg = kept(ad, "JPEG", quality=90)

    copy, other = (kept(image, "WEBP", quality=quality) for image in (ad, version))

    assert originals.compare_saved(in_jpeg, copy).same
    assert not originals.compare_saved(in_jpeg, other).same


@pytest.mark.parametrize(
    ("words", "height", "level", "seed"),
    some_of(
        [("7.9% APR", 10, 190, 7), ("8.9% APR", 11, 175, 2), ("8.9% APR", 11, 175, 7)],
        in_the_gate=[("7.9% APR", 10, 190, 7)],
    ),
)
def test_a_digit_on_a_plain_ground_tells_a_gif_and_a_webp_apart_whatever_a_palette_mixes_beside_it(
    words: str, height: int, level: int, seed: int
) -> None:
    ad, version = (on_plain_ground(each, height, level, seed) for each in ("9.9% APR", words))
    in_few_colours = kept(in_256_colours(ad, Image.Dither.FLOYDSTEINBERG), "GIF")

    copy, other = (kept(image, "WEBP", quality=60) for image in (ad, version))

    assert originals.compare_saved(in_few_colours, copy).same
    assert not originals.compare_saved(in_few_colours, other).same


def test_what_an_avif_loses_excuses_no_digit_beside_a_png_of_few_colours() -> None:
    ad, version = (on_plain_ground(words, 11, 175, 7) for words in ("9.9% APR", "8.9% APR"))
    in_few_colours = kept(in_256_colours(ad, Image.Dither.NONE), "PNG")

    copy, other = (kept(image, "AVIF", quality=55) for image in (ad, version))

    assert originals.compare_saved(in_few_colours, copy).same
    assert not originals.compare_saved(in_few_colours, other).same


def in_256_colours(image: Image.Image, dither: Image.Dither) -> Image.Image:
    palette = image.quantize(256, method=Image.Quantize.MEDIANCUT)
    return image.quantize(palette=palette, dither=dither)


@pytest.mark.long
@pytest.mark.parametrize(
    ("height", "level"), some_of([(13, 195), (13, 200), (14, 210), (15, 210)], in_the_gate=[(13, 195)])
)
def test_pale_digits_on_a_plain_ground_tell_two_large_ads_apart_in_a_coarse_copy(height: int, level: int) -> None:
    ad, version = (on_plain_ground(words, height, level, 7, size=(600, 500)) for words in ("20% OFF", "50% OFF"))

    assert same(ad, creatives.saved(ad, "JPEG", quality=40))
    assert not same(ad, creatives.saved(version, "JPEG", quality=40))


def on_plain_ground(
    words: str, height: int, level: int, seed: int, *, size: tuple[int, int] = (300, 250)
) -> Image.Image:
    """A line of grey words below a picture that is all grain."""
    width, tall = size
    grain = np.random.default_rng(seed).normal(0, 14, (tall, width, 1))
    picture = np.asarray(pictures.draw(width, tall, seed=seed)) * 0.6 + 50 + grain
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, tall - 50, width, tall), fill=(240, 240, 240))
    pen.text((12, tall - 40), words, grey(level), fonts.bold(height), anchor="lt")
    return image


@pytest.mark.long
def test_the_webp_of_a_jpeg_is_the_same_as_what_that_was_made_of() -> None:
    drawn = [campaign.draw(replace(AD, photo=5, template=1, percent=percent)) for percent in (40, 50)]
    original = kept(drawn[0], "PNG")
    copy, other = (kept(creatives.saved(image, "JPEG", quality=80), "WEBP", quality=70) for image in drawn)

    assert originals.compare_saved(original, copy).same
    assert originals.compare_saved(copy, original).same
    assert not originals.compare_saved(original, other).same


@pytest.mark.parametrize(
    ("finer", "coarser"), some_of([(90, 45), (95, 60), (85, 70), (75, 50)], in_the_gate=[(75, 50)])
)
def test_two_copies_in_one_format_are_the_same_though_neither_was_saved_from_the_other(
    finer: int, coarser: int
) -> None:
    for ad in (creatives.ad(size=(600, 400)), written("12 months", 14, grey(120))):
        one, other = (kept(ad, "JPEG", quality=quality) for quality in (finer, coarser))
        assert originals.compare_saved(one, other).same


SHARPENED = [
    (ImageFilter.UnsharpMask(1.5, 90, 2), 85),
    (ImageFilter.UnsharpMask(2, 120, 0), 92),
    (ImageFilter.SHARPEN, 80),
]


@pytest.mark.parametrize(
    ("size", "sharpen", "quality"),
    some_of(
        [(size, *sharpened) for size in ((700, 640), (300, 250)) for sharpened in SHARPENED],
        in_the_gate=[((300, 250), *SHARPENED[1])],
    ),
)
def test_a_sharpened_copy_is_the_same_and_one_of_other_words_is_not(
    sharpen: ImageFilter.Filter, quality: int, size: tuple[int, int]
) -> None:
    ad, version = (written(words, 12, grey(120), size=size) for words in ("12 months", "24 months"))

    for original, is_same in ((ad, True), (version, False)):
        copy = creatives.saved(original.filter(sharpen), "JPEG", quality=quality)
        assert same(ad, copy) is is_same
        assert same(copy, ad) is is_same


def test_a_change_of_tone_that_explains_less_does_not_hide_that_a_copy_was_sharpened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ad, version = (written(words, 12, grey(120), size=(300, 250)) for words in ("12 months", "24 months"))
    monkeypatch.setattr(
        overlays, "equally_toned", lambda overlay: replace(overlay, larger=np.bitwise_not(overlay.larger))
    )

    for original, is_same in ((ad, True), (version, False)):
        copy = creatives.saved(original.filter(ImageFilter.UnsharpMask(1.5, 90, 2)), "JPEG", quality=85)
        assert same(ad, copy) is is_same


def test_a_copy_much_smaller_than_the_original_is_the_same() -> None:
    ad = creatives.ad(size=(1080, 1080))

    assert same(ad, ad.resize((600, 600)))


def test_a_picture_of_more_rows_than_one_band_is_looked_at_to_its_end() -> None:
    ad, version = (written(words, 16, grey(90), size=(300, 2600)) for words in ("12 months", "24 months"))

    assert not same(ad, version)


@pytest.mark.long
@pytest.mark.parametrize("top", some_of([930, 962, 1000, 1022], in_the_gate=[962]))
def test_words_are_judged_alike_wherever_a_band_of_rows_ends(monkeypatch: pytest.MonkeyPatch, top: int) -> None:
    ad = pictures.draw(400, 1300, seed=5)
    pen = ImageDraw.Draw(ad)
    pen.rectangle((0, top - 8, 400, top + 90), fill=(40, 129, 40))
    pen.text((10, top), "-70%", (200, 60, 60), fonts.bold(48), anchor="lt")
    pen.text((160, top + 6), "until 3 May", (200, 60, 60), fonts.bold(24), anchor="lt")
    copy = creatives.saved(ImageEnhance.Color(ad).enhance(1.15), "JPEG", quality=88)
    pair = [np.asarray(each.convert("RGB")) for each in (ad, copy)]

    in_bands = appearance.compare(pair[0], pair[1])
    monkeypatch.setattr(channels, "_BAND_ROWS", 1300)
    as_a_whole = appearance.compare(pair[0], pair[1])

    assert in_bands.same
    assert in_bands.beyond == pytest.approx(as_a_whole.beyond, rel=0.05)
    assert in_bands.hiding == as_a_whole.hiding


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 2), (3, 3)])
def test_pictures_of_any_shape_can_be_compared(size: tuple[int, int]) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8))

    assert same(noise, noise)
    assert same(noise, noise.point(lambda level: min(255, level + 1)))


GROUNDS = {
    "#113311": "#331111",
    "#103010": "#206020",
    "#206020": "#00aa00",
    "#602020": "#202060",
    "#888888": "#602020",
    "#e0ffe0": "#ffe0e0",
    "#aa0000": "#cc5500",
    "#0055cc": "#00aa00",
}


def coloured(colour: str, where: str, size: tuple[int, int]) -> Image.Image:
    """White or black words on a ground, a panel or a button of that colour, or words in it."""
    width, height = size
    image = Image.new("RGB", size, colour if where == "ground" else "#fafafa")
    pen, ink = ImageDraw.Draw(image), colour if where == "words" else "#ffffff" if where == "ground" else "#111111"
    if where == "panel":
        pen.rectangle((width // 2, 0, width, height), fill=colour)
    elif where == "button":
        pen.rectangle((width // 4, height * 2 // 3, width * 3 // 4, height * 5 // 6), fill=colour)
    pen.text((width // 10, height // 4), "Summer sale", ink, fonts.bold(height // 5))
    return image


PLAIN = "ground", "panel", "button"


@pytest.mark.parametrize(
    ("colour", "where", "size"),
    some_of(
        [*product(GROUNDS, PLAIN, ((728, 90), (300, 250)))],
        in_the_gate=[*zip(GROUNDS, cycle(PLAIN), cycle(((728, 90), (300, 250))), strict=False)],
    ),
)
def test_what_is_plain_has_the_same_colour(colour: str, where: str, size: tuple[int, int]) -> None:
    assert not same(coloured(colour, where, size), coloured(GROUNDS[colour], where, size))


LOSSY: dict[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg": lambda image: creatives.saved(image, "JPEG", quality=40),
    "webp": lambda image: creatives.saved(image, "WEBP", quality=50),
    "avif": lambda image: creatives.saved(image, "AVIF", quality=50, speed=8),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("fill", "saved_as"),
    some_of(
        [*product([(136, 124, 67), (124, 127, 60)], LOSSY)],
        in_the_gate=[((136, 124, 67), "jpeg")],
    ),
)
def test_a_button_of_a_like_colour_tells_two_ads_apart_though_one_was_saved_coarsely(
    fill: Colour, saved_as: str
) -> None:
    """Nothing is drawn in it; so by what is drawn around, or by the share of its own colour, it was excused."""

    def ad(button: Colour) -> Image.Image:
        image = pictures.draw(640, 640, seed=8)
        pen = ImageDraw.Draw(image)
        pen.rounded_rectangle((60, 400, 520, 520), 20, fill=button)
        pen.text((90, 430), "Shop now", (255, 255, 255), fonts.bold(48), anchor="lt")
        noise = np.random.default_rng(3).normal(0, 6, (640, 640, 3))
        noise[400:520, 60:520] = 0
        return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))

    save = LOSSY[saved_as]
    assert same(ad((124, 119, 67)), save(ad((124, 119, 67))))
    assert not same(ad((124, 119, 67)), save(ad(fill)))


@pytest.mark.parametrize("colour", ["teal", "lighter"])
def test_the_one_colour_of_a_white_strip_tells_two_ads_apart_though_all_might_be_lighter(colour: str) -> None:
    """White stays white however it is made lighter: these AVIFs, by avifenc, passed for copies of the blue strip."""
    blue = Image.open(STRIPS / "blue.png").convert("RGB")

    assert same(blue, creatives.saved(blue, "AVIF", quality=70))
    assert not same(blue, Image.open(STRIPS / f"{colour}.avif").convert("RGB"))


@pytest.mark.parametrize("colour", first_of(["#113311", "#206020", "#602020", "#0055cc"]))
def test_words_of_twenty_pixels_have_the_same_colour(colour: str) -> None:
    assert not same(coloured(colour, "words", (300, 250)), coloured(GROUNDS[colour], "words", (300, 250)))


RETONES: tuple[Callable[[Image.Image], Image.Image], ...] = (
    lambda image: ImageEnhance.Brightness(image).enhance(1.06),
    lambda image: ImageEnhance.Contrast(image).enhance(1.08),
    lambda image: ImageEnhance.Color(image).enhance(1.15),
    lambda image: image.point(lambda level: round(16 + level * 219 / 255)),  # taken for television's range
    lambda image: image.point(lambda level: min(255, level + 6)),
)


@pytest.mark.parametrize(
    ("retone", "where"),
    some_of(
        [*product(RETONES, (*PLAIN, "words"))],
        in_the_gate=[(RETONES[0], "words")],
    ),
)
def test_what_exports_do_to_all_colours_makes_no_other_ad(
    retone: Callable[[Image.Image], Image.Image], where: str
) -> None:
    for colour in ("#113311", "#888888", "#0055cc"):
        image = coloured(colour, where, (480, 300))
        jpeg = io.BytesIO()
        retone(image).save(jpeg, "JPEG", quality=88)
        assert same(image, Image.open(jpeg)), colour


def poster(words: str) -> Image.Image:
    """A colourful picture, with words that colour alone tells from their ground."""
    image = ImageEnhance.Color(pictures.draw(600, 600, seed=5)).enhance(1.6)
    pen = ImageDraw.Draw(image)
    for at, colour in enumerate([(250, 20, 30), (20, 60, 240), (10, 170, 40), (250, 220, 10)]):
        pen.rectangle((20 + at * 140, 20, 140 + at * 140, 180), fill=colour)
    pen.rectangle((0, 520, 600, 600), fill=(200, 60, 60))
    pen.text((20, 540), words, (40, 129, 40), fonts.bold(30), anchor="lt")
    return image


def with_contrast(image: Image.Image) -> Image.Image:
    """All of red, green and blue a tenth farther from the middle."""
    return image.point(lambda level: round(min(255, max(0, 1.1 * level - 14))))


def with_lightness(image: Image.Image) -> Image.Image:
    """Lightness times 1.06, hue and saturation as they are."""
    colours = cv2.cvtColor(np.asarray(image, np.float32) / 255, cv2.COLOR_RGB2HLS)
    colours[..., 1] = np.minimum(1, 1.06 * colours[..., 1])
    return Image.fromarray(np.round(255 * cv2.cvtColor(colours, cv2.COLOR_HLS2RGB)).astype(np.uint8))


@pytest.mark.long
@pytest.mark.parametrize("change", first_of([with_lightness, with_contrast]))
def test_a_colourful_copy_that_was_made_brighter_is_the_same_and_one_of_other_words_is_not(
    change: Callable[[Image.Image], Image.Image],
) -> None:
    picture, other = poster("20% OFF"), poster("50% OFF")

    assert same(picture, creatives.saved(change(picture), "JPEG", quality=88))
    assert not same(picture, creatives.saved(change(other), "JPEG", quality=88))


def test_a_button_that_is_hardly_lighter_is_no_sign_that_all_is() -> None:
    """Most of the picture is as it was: a word in another colour on it is no more excused than anywhere else."""
    picture, other = poster("20% OFF"), poster("20% OFF")
    ImageDraw.Draw(picture).rectangle((200, 300, 400, 360), fill=(120, 119, 67))
    ImageDraw.Draw(other).rectangle((200, 300, 400, 360), fill=(160, 149, 87))

    assert not same(picture, other)


@pytest.mark.long
@pytest.mark.parametrize("pixels", first_of([14, 18]))
def test_a_small_copy_is_nearest_to_the_version_whose_small_words_it_has(pixels: int) -> None:
    """To the mean of all that differs a digit adds less than what one JPEG lost takes from that of another."""
    grain = np.random.default_rng(4).normal(0, 5, (1080, 1080, 3))
    grain[540:] = 0

    def ad(words: str) -> Image.Image:
        plain = np.asarray(written(words, pixels, grey(150), size=(1080, 1080)))
        return Image.fromarray(np.clip(plain + grain, 0, 255).astype(np.uint8))

    own, other = ad("emits 122 g/km"), ad("emits 127 g/km")
    small = kept(own.resize((540, 540), Image.Resampling.BOX), "JPEG", quality=40)

    found = originals.compare_saved(small, kept(own, "PNG"))
    version = originals.compare_saved(small, kept(other, "JPEG", quality=75))
    assert found.same
    assert found.difference < version.difference
    assert found.difference - found.score**2 > version.difference - version.score**2
