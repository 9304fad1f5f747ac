"""What a palette lacks follows from it and from the picture: a little light of whole places, nothing that is drawn."""

import io
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.dedup.pictures import appearance, originals, palettes
from functions.dedup.pictures.resaving import Saved
from shared.media.images import Colour
from tests import fonts, pictures
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

AROUND = 33

GIFS = Path(__file__).parent / "gifs"
"""A drawing, and what `ffmpeg -i sale.png by_ffmpeg.gif` (5.1) made of it."""


def with_patch(colour: tuple[int, int, int]) -> Image.Image:
    """A picture of many colours, with a plain patch."""
    image = pictures.draw(300, 200, seed=5)
    image.paste(colour, (100, 50, 200, 150))
    return image


def reduced(image: Image.Image, palette: Image.Image) -> Image.Image:
    return image.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")


@pytest.mark.parametrize("missing", [(255, 255, 255), (40, 200, 90)])
def test_a_patch_of_a_colour_that_a_palette_lacks_is_darker_by_eight_levels_at_most(
    missing: tuple[int, int, int],
) -> None:
    palette = with_patch((248, 248, 248)).quantize(64, method=Image.Quantize.MAXCOVERAGE)
    drawn = with_patch(missing)
    given = reduced(drawn, palette)

    found = palettes.lacking(np.asarray(drawn), np.asarray(given), AROUND)
    turned = palettes.lacking(np.asarray(given), np.asarray(drawn), AROUND)

    assert found is not None
    assert turned is not None
    assert np.array_equal(found, -turned)
    apart = float(np.mean(np.asarray(drawn.convert("L"))[90:110, 140:160].astype(int))) - float(
        np.mean(np.asarray(given.convert("L"))[90:110, 140:160].astype(int))
    )
    assert found[100, 150] == pytest.approx(np.clip(apart, -8, 8), abs=0.6)


def test_where_neither_has_a_palette_or_both_have_one_nothing_is_lacking() -> None:
    drawn = with_patch((255, 255, 255))
    given = drawn.quantize(64).convert("RGB")

    assert palettes.lacking(np.asarray(drawn), np.asarray(drawn), AROUND) is None
    assert palettes.lacking(np.asarray(given), np.asarray(given), AROUND) is None


COLOURS = [((160, 80, 140), (122, 122, 122)), ((143, 191, 95), (255, 138, 128)), ((200, 60, 60), (40, 134, 60))]
"""Ink and ground of one lightness."""


def with_words(
    words: str,
    pixels: int,
    colours: tuple[tuple[int, int, int], tuple[int, int, int]],
    behind: Image.Image | None = None,
) -> Image.Image:
    """A picture of many colours, with words on a strip that have colour alone."""
    image = behind.copy() if behind else pictures.draw(480, 300, seed=9)
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 200, 400, 200 + 2 * pixels), fill=colours[1])
    pen.text((30, 200 + pixels // 3), words, colours[0], fonts.bold(pixels))
    return image


def saved(image: Image.Image, kind: str) -> Saved:
    content = io.BytesIO()
    image.save(content, kind)
    return Saved(content.getvalue(), f"image/{kind.lower()}", np.asarray(Image.open(content).convert("RGB")))


DITHERS = (Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG)


def as_gif(image: Image.Image, dither: Image.Dither) -> Colour:
    palette = image.quantize(256, method=Image.Quantize.MEDIANCUT)
    return saved(image.quantize(palette=palette, dither=dither), "GIF").picture


@pytest.mark.parametrize(
    ("colours", "pixels", "dither"),
    some_of(
        [*product(COLOURS, (16, 18, 28), DITHERS)],
        in_the_gate=[(COLOURS[0], 16, DITHERS[1])],
    ),
)
def test_words_in_colour_alone_are_told_where_a_palette_has_their_colours(
    colours: tuple[tuple[int, int, int], tuple[int, int, int]], pixels: int, dither: Image.Dither
) -> None:
    source = np.asarray(with_words("Code MAY24 save 15 %", pixels, colours))
    again, exchanged = (
        as_gif(with_words(words, pixels, colours), dither) for words in ("Code MAY24 save 15 %", "Code MAY25 save 25 %")
    )

    assert not palettes.is_other(source, again)
    assert palettes.is_other(source, exchanged)


def test_a_gif_of_other_words_in_colour_alone_is_no_copy_of_what_lost_nothing() -> None:
    fades = [Image.linear_gradient("L").resize((480, 300)), Image.radial_gradient("L").resize((480, 300))]
    behind = Image.merge("RGB", [*fades, Image.new("L", (480, 300), 120)])
    source = saved(with_words("Code MAY24", 18, COLOURS[0], behind), "PNG")
    for words, same in (("Code MAY24", True), ("Code MAY25", False)):
        drawn = with_words(words, 18, COLOURS[0], behind)
        gif = saved(drawn.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE), "GIF")

        assert originals.compare_saved(source, gif).same is same
        assert originals.compare_saved(gif, source).same is same


@pytest.mark.long
def test_nothing_is_told_where_neither_or_both_have_a_palette_or_pictures_lie_otherwise() -> None:
    one, other = (with_words(words, 28, COLOURS[0]) for words in ("Code MAY24", "Code MAY25"))
    gif = as_gif(other, Image.Dither.NONE)

    assert not palettes.is_other(np.asarray(one), np.asarray(other))
    assert not palettes.is_other(as_gif(one, Image.Dither.NONE), gif)
    assert not palettes.is_other(np.asarray(one)[4:], gif)
    assert not palettes.is_other(np.asarray(one), np.roll(as_gif(one, Image.Dither.NONE), 3, axis=1))


def with_line(words: str, seed: int) -> Image.Image:
    """A banner of many colours, with small print on a strip along its lower edge."""
    image = pictures.draw(300, 120, seed=seed)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 90, 300, 120), fill=(250, 250, 250))
    pen.text((20, 98), words, (120, 120, 120), fonts.bold(13))
    return image


@pytest.mark.parametrize(
    ("seed", "colours", "method"),
    some_of(
        [(1, 256, Image.Quantize.MAXCOVERAGE), (13, 64, Image.Quantize.FASTOCTREE)],
        in_the_gate=[(13, 64, Image.Quantize.FASTOCTREE)],
    ),
)
def test_dither_as_strong_as_words_makes_no_other_ad(seed: int, colours: int, method: Image.Quantize) -> None:
    drawn = [with_line(words, seed) for words in ("until May 8", "until May 3", "")]
    source = saved(drawn[0], "PNG")

    copy, *others = (
        saved(each.quantize(palette=each.quantize(colours, method=method), dither=Image.Dither.FLOYDSTEINBERG), "GIF")
        for each in drawn
    )

    assert set(appearance.compare(source.picture, copy.picture).told_by) == {"luma"}
    assert originals.compare_saved(source, copy).same
    assert originals.compare_saved(copy, source).same
    assert not any(originals.compare_saved(source, other).same for other in others)


def test_dither_as_strong_as_words_in_colour_alone_makes_no_other_ad() -> None:
    drawn = [with_words(words, 10, COLOURS[2]) for words in ("Code MAY24 save 15 %", "Code MAY25 save 25 %")]
    source = saved(drawn[0], "PNG")

    copy, other = (
        saved(each.quantize(palette=each.quantize(128, method=Image.Quantize.MAXCOVERAGE)), "GIF") for each in drawn
    )

    assert set(appearance.compare(source.picture, copy.picture).told_by) == {"luma", "Cb"}
    assert originals.compare_saved(source, copy).same
    assert not originals.compare_saved(source, other).same


def test_small_words_in_colour_alone_are_told_where_a_palette_loses_less_than_they_have() -> None:
    drawn = [with_words(words, 12, COLOURS[0], soft()) for words in ("Code MAY24", "Code MAY25")]
    source = np.asarray(drawn[0])

    copy, other = (
        saved(each.quantize(palette=each.quantize(256, method=Image.Quantize.MAXCOVERAGE)), "GIF").picture
        for each in drawn
    )

    assert not palettes.is_other(source, copy)
    assert palettes.is_other(source, other)


@pytest.mark.parametrize("dither", DITHERS)
def test_how_far_something_is_from_what_its_palette_makes_is_not_told_of_two_sizes_nor_of_two_palettes(
    dither: Image.Dither,
) -> None:
    drawn = with_line("until May 8", 1)
    source, gif = np.asarray(drawn), as_gif(drawn, dither)
    made = palettes.made(source, gif)

    assert made is not None
    assert max(palettes.beyond_made(source, made, gif)) < 3
    assert palettes.made(source[4:], gif) is None
    assert palettes.made(gif, gif) is None
    assert palettes.made(source, source) is None


def with_faint_line(words: str, corners: tuple[int, int, int] | None) -> Image.Image:
    """A banner of many colours, with pale small print, and with round corners on a ground of a colour."""
    image = pictures.draw(300, 120, seed=1)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 90, 300, 120), fill=(248, 248, 248))
    pen.text((20, 98), words, (212, 212, 212), fonts.bold(11))
    if corners is None:
        return image
    inside = Image.new("L", image.size, 0)
    ImageDraw.Draw(inside).rounded_rectangle((0, 0, image.width - 1, image.height - 1), 16, fill=255)
    return Image.composite(image, Image.new("RGB", image.size, corners), inside)


@pytest.mark.parametrize(
    "corners", [(200, 180, 150), *(pytest.param(each, marks=pytest.mark.long) for each in (None, (120, 60, 90)))]
)
def test_faint_words_that_pass_for_what_a_gif_loses_are_told_where_its_palette_does_not_make_them(
    corners: tuple[int, int, int] | None,
) -> None:
    drawn = [with_faint_line(f"for {months} months", corners) for months in (12, 24)]
    source = saved(drawn[0], "PNG")

    copy, other = (
        saved(each.quantize(palette=each.quantize(128, method=Image.Quantize.MAXCOVERAGE)), "GIF") for each in drawn
    )

    assert appearance.compare(source.picture, other.picture).in_luma > originals.ASKED_IN_PALETTE
    for one, another in ((source, other), (other, source)):
        assert corners == (120, 60, 90) or appearance.compare(one.picture, another.picture).same
        assert not originals.compare_saved(one, another).same
    assert originals.compare_saved(source, copy).same


def soft() -> Image.Image:
    """A picture of little contrast."""
    return Image.blend(pictures.draw(480, 300, seed=9), Image.new("RGB", (480, 300), (150, 140, 130)), 0.7)


SHADES = [((46, 125, 50), (0, 121, 107)), ((239, 108, 0), (230, 124, 36)), ((255, 205, 60), (238, 214, 90))]
"""A button's colour, and another shade of it: both pairs are ten and more apart by CIE 1976."""


def with_button(colour: tuple[int, int, int]) -> Image.Image:
    """A soft picture, with words all over a button: no part of it is plain."""
    image = soft()
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((40, 190, 300, 260), 12, fill=colour)
    pen.text((52, 198), "Order now and", "white", fonts.bold(26))
    pen.text((52, 226), "save on all", "white", fonts.bold(26))
    return image


@pytest.mark.parametrize("dither", first_of(DITHERS))
@pytest.mark.parametrize(("colour", "shade"), first_of(SHADES))
def test_a_button_in_another_shade_is_told_in_a_gif_though_nothing_of_it_is_plain(
    colour: tuple[int, int, int], shade: tuple[int, int, int], dither: Image.Dither
) -> None:
    drawn, other = with_button(colour), with_button(shade)
    copy, recoloured = (as_gif(each, dither) for each in (drawn, other))

    assert appearance.compare(np.asarray(drawn), copy).same
    assert not appearance.compare(np.asarray(drawn), recoloured).same


def test_what_an_octree_shifts_is_a_copy_where_it_is_what_pillow_makes_of_it() -> None:
    drawn = with_button((33, 33, 33))
    gif = drawn.quantize(256, Image.Quantize.FASTOCTREE)

    assert palettes.is_made(np.asarray(drawn), np.asarray(gif.convert("RGB")))
    assert not palettes.is_made(np.asarray(with_button((43, 43, 43))), np.asarray(gif.convert("RGB")))
    assert not palettes.is_made(np.asarray(drawn), np.asarray(drawn.quantize(256).convert("RGB")))


def test_what_ffmpeg_makes_of_a_picture_in_colours_of_its_own_is_a_copy() -> None:
    drawn = Image.open(GIFS / "sale.png")
    source = saved(drawn, "PNG")
    content = (GIFS / "by_ffmpeg.gif").read_bytes()
    gif = Saved(content, "image/gif", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))
    ImageDraw.Draw(drawn).rectangle((60, 40, 64, 44), (190, 60, 50))
    other = saved(drawn, "PNG")

    assert appearance.compare(source.picture, gif.picture).certain
    for one, another in ((source, gif), (gif, source), (source, gif)):
        assert originals.compare_saved(one, another).same
    assert not originals.compare_saved(other, gif).same
