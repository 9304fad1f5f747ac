"""Files held against what their formats make of a picture: copies made in one step, and such of other words."""

import io
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from functions.dedup.pictures import appearance, originals, resaving
from functions.dedup.pictures.resaving import Saved
from tests import fonts, pictures
from tests.cases import first_of, some_of
from tests.functions.dedup import creatives

pytestmark = pytest.mark.slow

Colour = tuple[int, int, int]
Save = Callable[[Image.Image], Saved]

RED_ON_GREEN = (200, 60, 60), (40, 129, 40)
PINK_ON_GREY = (215, 95, 160), (126, 134, 140)
COLOURS = RED_ON_GREEN, PINK_ON_GREY

AVIFS = Path(__file__).parent / "avifs"
"""Faint triangles on black around a panel, and what avifenc 0.11 (`-s 8 --min 30 --max 40`) made of them."""


def drawn(picture: Image.Image) -> Saved:
    """As it was drawn, without loss."""
    return Saved(pictures.encode(picture, "PNG"), "image/png", np.asarray(picture))


def is_copy(picture: Image.Image, file: Saved) -> bool | None:
    return resaving.is_copy(drawn(picture), file)


def saved(pillow_format: str, **options: object) -> Save:
    """How to save a picture."""

    def save(picture: Image.Image) -> Saved:
        content = pictures.encode(picture, pillow_format, **options)
        shown = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        return Saved(content, f"image/{pillow_format.lower()}", shown)

    return save


def noisy(size: tuple[int, int] = (300, 250)) -> Image.Image:
    """As photographs are, in every colour by itself."""
    smooth = np.asarray(pictures.draw(*size, seed=8), np.int16)
    noise = np.random.default_rng(3).normal(0, 6, smooth.shape)
    return Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8))


def worded(words: str, pixels: int, colours: tuple[Colour, Colour]) -> Image.Image:
    """Words told from their ground by colour alone."""
    picture, (ink, ground) = noisy(), colours
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 200, 300, 205 + 2 * pixels), fill=ground)
    pen.text((10, 203), words, ink, fonts.bold(pixels), anchor="lt")
    return picture


ONCE: dict[str, Save] = {
    **{f"webp {quality}": saved("WEBP", quality=quality) for quality in (40, 60, 73, 80, 91)},
    **{f"jpeg {quality}": saved("JPEG", quality=quality) for quality in (40, 60, 75, 92)},
    "jpeg, colours in full": saved("JPEG", quality=70, subsampling=0),
    "jpeg, colours halved across": saved("JPEG", quality=70, subsampling=1),
    "jpeg, in steps": saved("JPEG", quality=65, progressive=True),
}


@pytest.mark.parametrize("save", ONCE.values(), ids=ONCE)
def test_a_file_saved_from_a_picture_is_its_copy_however_coarse(save: Save) -> None:
    picture = noisy()

    assert is_copy(picture, save(picture)) is True


@pytest.mark.parametrize("save", [ONCE[name] for name in ("webp 60", "webp 80", "jpeg 75", "jpeg, colours in full")])
@pytest.mark.parametrize(("colours", "pixels"), first_of([(RED_ON_GREEN, 9), (RED_ON_GREEN, 14), (PINK_ON_GREY, 10)]))
def test_a_file_saved_from_one_with_another_digit_in_colour_alone_is_none(
    save: Save, colours: tuple[Colour, Colour], pixels: int
) -> None:
    picture, other = (worded(words, pixels, colours) for words in ("20% OFF", "50% OFF"))

    assert is_copy(picture, save(other)) is False
    assert is_copy(other, save(other)) is True


def test_a_strip_is_told_by_its_jpeg_whatever_share_of_it_a_word_in_colour_alone_has() -> None:
    """Its colours have eighty blocks, of which the word has four."""

    def strip(words: str) -> Image.Image:
        picture = noisy((320, 50))
        pen = ImageDraw.Draw(picture)
        pen.rectangle((272, 3, 318, 29), fill=(126, 134, 140))
        pen.text((284, 10), words, (215, 95, 160), fonts.bold(13), anchor="lt")
        return picture

    save = saved("JPEG", quality=85)

    assert is_copy(strip("30%"), save(strip("30%"))) is True
    assert is_copy(strip("30%"), save(strip("70%"))) is False


@pytest.mark.parametrize("save", some_of(ONCE.values(), [*ONCE.values()][::3]), ids=ONCE)
def test_nothing_with_other_words_is_taken_for_a_copy(save: Save) -> None:
    """Where another word changes how a WebP is saved as a whole, it does not tell; but it never says that it is one."""
    picture, other = (worded(words, 14, PINK_ON_GREY) for words in ("20% OFF", "50% OFF"))

    assert is_copy(picture, save(other)) is not True


@pytest.mark.parametrize("save", [ONCE["webp 73"], ONCE["jpeg 75"]])
def test_a_file_may_show_a_picture_cropped_to_the_pixel_or_within_a_border(save: Save) -> None:
    picture, other = (worded(words, 12, RED_ON_GREEN) for words in ("20% OFF", "50% OFF"))

    def cropped(image: Image.Image) -> Image.Image:
        return image.crop((3, 2, 297, 247))

    def framed(image: Image.Image) -> Image.Image:
        return ImageOps.expand(image, 2, "black")

    for change in (cropped, framed):
        assert is_copy(picture, save(change(picture))) is True
        assert is_copy(picture, save(change(other))) is False


OTHERWISE: dict[str, tuple[Save, Callable[[Image.Image], Image.Image]]] = {
    "without loss": (saved("PNG"), lambda picture: picture),
    "without loss, as webp": (saved("WEBP", lossless=True), lambda picture: picture),
    "as a palette": (saved("GIF"), lambda picture: picture),
    "smaller": (saved("WEBP"), lambda picture: picture.resize((150, 125))),
    "brighter": (saved("JPEG"), lambda picture: ImageEnhance.Brightness(picture).enhance(1.05)),
    "saved before": (saved("WEBP", quality=70), lambda picture: creatives.saved(picture, "WEBP", quality=50)),
    "another picture": (saved("JPEG"), lambda picture: pictures.draw(*picture.size, seed=1)),
}


@pytest.mark.parametrize(("save", "change"), OTHERWISE.values(), ids=OTHERWISE)
def test_what_was_not_saved_from_it_in_one_step_does_not_tell(
    save: Save, change: Callable[[Image.Image], Image.Image]
) -> None:
    picture = noisy()

    assert is_copy(picture, save(change(picture))) is None


def test_a_file_that_is_turned_when_it_is_shown_does_not_tell() -> None:
    picture = noisy((250, 250))
    turned = Image.Exif()
    turned[0x0112] = 3

    assert is_copy(picture, saved("JPEG", exif=turned)(picture)) is None


def test_files_that_say_too_little_about_how_they_were_saved_do_not_tell() -> None:
    picture = noisy()

    assert is_copy(picture, saved("JPEG")(picture.convert("L"))) is None
    assert is_copy(picture, saved("JPEG")(picture.convert("CMYK"))) is None
    assert is_copy(picture, saved("WEBP", save_all=True, append_images=[noisy((300, 250))])(picture)) is None
    for broken in (b"RIFF", b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0", b"RIFF\0\0\0\0WEBPVP8X\xff\xff\xff\xff"):
        assert is_copy(picture, Saved(broken, "image/webp", np.asarray(picture))) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 2), (17, 9)])
@pytest.mark.parametrize("save", [ONCE["webp 80"], ONCE["jpeg 75"]])
def test_pictures_of_any_shape_can_be_asked_about(size: tuple[int, int], save: Save) -> None:
    picture = pictures.draw(*size)

    assert is_copy(picture, save(picture)) is not False


@pytest.mark.parametrize("quality", [40, 85])
def test_a_jpeg_of_a_program_that_rounds_otherwise_is_a_copy_and_one_of_other_words_is_none(quality: int) -> None:
    """A level more or less here and there, as other arithmetic gives: what lies halfway between two steps tips over."""
    nudge = np.random.default_rng(5).choice([-1, 0, 1], (250, 300, 1), p=[0.15, 0.7, 0.15])
    picture, other = (worded(words, 14, RED_ON_GREEN) for words in ("20% OFF", "50% OFF"))
    save = saved("JPEG", quality=quality)

    def nudged(image: Image.Image) -> Image.Image:
        return Image.fromarray(np.clip(np.asarray(image, np.int16) + nudge, 0, 255).astype(np.uint8))

    assert is_copy(picture, save(nudged(picture))) is True
    assert is_copy(picture, save(nudged(other))) is not True


def by_ffmpeg(picture: Image.Image, colours_by: str) -> Saved:
    """A JPEG of another program: it rounds otherwise, and samples colours by a filter of its own."""
    codec = av.CodecContext.create("mjpeg", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt, codec.time_base = *picture.size, "yuvj420p", Fraction(1, 25)
    codec.qmin = codec.qmax = 4
    frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24").reformat(
        format="yuvj420p", dst_colorspace="ITU601", interpolation=colours_by
    )
    content = b"".join(bytes(packet) for packet in (*codec.encode(frame), *codec.encode(None)))
    return Saved(content, "image/jpeg", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.parametrize("pixels", [10, 14])
def test_a_jpeg_of_another_program_may_be_a_copy_and_one_of_other_words_in_colour_alone_is_none(pixels: int) -> None:
    picture, other = (worded(words, pixels, RED_ON_GREEN) for words in ("20% OFF", "50% OFF"))

    for colours_by in ("AREA", "BICUBIC"):
        assert is_copy(picture, by_ffmpeg(picture, colours_by)) is not False
        assert is_copy(picture, by_ffmpeg(other, colours_by)) is not True


@pytest.mark.parametrize("ground", [248, 255])
def test_a_pale_digit_at_the_edge_of_a_jpeg_where_its_blocks_are_cut_off_is_no_copy(ground: int) -> None:
    def line(words: str) -> Image.Image:
        picture = noisy((468, 60))
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, 44, 468, 60), fill=(ground, ground, ground))
        pen.text((4, 48), words, (ground - 60,) * 3, fonts.bold(10), anchor="lt")
        return picture

    assert is_copy(line("8.5% APR"), saved("JPEG", quality=71)(line("3.5% APR"))) is not True


@pytest.mark.parametrize("width", [298, 300, 306, 468])
def test_a_jpeg_with_colours_up_to_an_edge_where_its_blocks_are_cut_off_is_a_copy(width: int) -> None:
    """What a program adds there repeats the last pixels, not the mean of some of them."""
    levels = np.asarray(noisy((width, 120))).copy()
    levels[:, -4:] = np.random.default_rng(0).integers(60, 196, (120, 4, 3))
    picture = Image.fromarray(levels)

    for subsampling in ("4:2:0", "4:1:1"):
        assert is_copy(picture, saved("JPEG", quality=40, subsampling=subsampling)(picture)) is True


def test_a_jpeg_whose_colours_are_warmer_all_over_does_not_tell() -> None:
    """Its light is the same to half a step: by that alone it would be the picture with other words in colour."""
    picture = noisy()
    warmer = np.clip(np.asarray(picture) * np.array([1.02, 1.0, 0.97]), 0, 255).astype(np.uint8)

    assert is_copy(picture, saved("JPEG", quality=60)(Image.fromarray(warmer))) is None


@pytest.mark.parametrize(("speed", "quality"), [(6, 62), (9, 75)])
def test_an_avif_of_other_words_in_colour_alone_is_no_copy_and_one_of_the_same_may_be(speed: int, quality: int) -> None:
    """Every encoder makes something else of a picture: that it is a copy, an AVIF does not tell."""
    picture, other = (worded(words, 12, RED_ON_GREEN) for words in ("20% OFF", "50% OFF"))
    save = saved("AVIF", quality=quality, speed=speed, subsampling="4:4:4")

    assert is_copy(picture, save(picture)) is None
    assert is_copy(picture, save(other)) is False


@pytest.mark.parametrize(("pixels", "quality", "other"), [(10, 55, "-80%"), (13, 50, "-50%")])
def test_an_avif_of_another_percentage_on_a_strip_is_no_copy_where_it_was_saved_as_most_are(
    pixels: int, quality: int, other: str
) -> None:
    """As Pillow's own default keeps more, it seemed that less was lost elsewhere, and these passed for copies."""

    def strip(words: str) -> Image.Image:
        picture = noisy((320, 50))
        ImageDraw.Draw(picture).rectangle((200, 10, 300, 40), fill=PINK_ON_GREY[1])
        ImageDraw.Draw(picture).text((206, 25), words, PINK_ON_GREY[0], fonts.bold(pixels), anchor="lm")
        return picture

    save = saved("AVIF", quality=quality, speed=8, subsampling="4:4:4", advanced={"tune": "ssim"})

    assert is_copy(strip("-30%"), save(strip("-30%"))) is None
    assert is_copy(strip("-30%"), save(strip(other))) is False


def test_an_avif_that_lost_more_light_in_one_place_than_another_encoder_does_may_be_a_copy() -> None:
    """Looks tell words by their light; how much of what is faint on black is kept is each encoder's own choice."""
    picture = Image.open(AVIFS / "triangles.png")
    content = (AVIFS / "triangles.avif").read_bytes()
    file = Saved(content, "image/avif", np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))

    assert is_copy(picture, file) is None
    assert originals.compare_saved(drawn(picture), file).same


@pytest.mark.parametrize(
    ("size", "seed", "light", "quality"),
    first_of([((300, 250), 1, 60, 60), ((600, 600), 2, 50, 40)]),
    ids=["small", "large"],
)
def test_what_an_avif_of_a_picture_loses_is_no_other_ad_and_pale_words_beside_it_are(
    size: tuple[int, int], seed: int, light: int, quality: int
) -> None:
    """Lights at night, which looks took for something drawn: encoders lose of them what they lose, each its own."""
    random, (width, height) = np.random.default_rng(seed), size
    night = np.array((30, 18, 12)) + random.normal(0, 2, (height, width, 3))
    for top, left in zip(random.integers(60, height - 4, 60), random.integers(4, width - 4, 60), strict=True):
        night[top : top + 2, left : left + 2] += light * random.uniform(0.5, 1)

    def ad(words: str) -> Image.Image:
        picture = Image.fromarray(np.clip(night, 0, 255).astype(np.uint8))
        ImageDraw.Draw(picture).rectangle((0, 0, width, 50), fill=(240, 240, 240))
        ImageDraw.Draw(picture).text((20, 20), words, (170, 170, 170), fonts.bold(12))
        return picture

    save = saved("AVIF", quality=quality, speed=8, advanced={"tune": "ssim"})
    picture, other = ad("until May 2"), ad("until May 5")

    assert appearance.compare(np.asarray(picture), save(picture).picture).told_by.keys() == {"luma"}
    assert originals.compare_saved(drawn(picture), save(picture)).same
    assert not originals.compare_saved(drawn(picture), save(other)).same


@pytest.mark.long
@pytest.mark.parametrize(("subsampling", "speed"), first_of([*product(("4:2:0", "4:4:4"), (9, 6))]))
def test_a_large_avif_of_other_words_in_colour_alone_is_no_copy_and_one_of_the_same_may_be(
    speed: int, subsampling: str
) -> None:
    """It was held against its format up to 800,000 pixels, and only where its colours were kept in full."""

    def large(words: str) -> Image.Image:
        picture = noisy((1080, 1080))
        ImageDraw.Draw(picture).rectangle((0, 800, 1080, 860), fill=RED_ON_GREEN[1])
        ImageDraw.Draw(picture).text((40, 810), words, RED_ON_GREEN[0], fonts.bold(20), anchor="lt")
        return picture

    picture, other = large("20% OFF"), large("50% OFF")
    save = saved("AVIF", quality=70, speed=speed, subsampling=subsampling)

    assert is_copy(picture, save(picture)) is None
    assert originals.compare_saved(drawn(picture), save(picture)).same
    assert is_copy(picture, save(other)) is False


@pytest.mark.parametrize(
    ("quality", "colours"),
    some_of([*product([75, 85], COLOURS)], in_the_gate=[*zip([85, 75], COLOURS, strict=True)]),
)
def test_an_avif_of_a_jpeg_of_a_picture_may_be_its_copy_and_one_of_other_words_is_none(
    quality: int, colours: tuple[Colour, Colour]
) -> None:
    picture, other = (worded(words, 10, colours) for words in ("20% OFF", "50% OFF"))
    save = saved("AVIF", quality=70, speed=8, subsampling="4:4:4")

    copy, edit = (save(Image.fromarray(saved("JPEG", quality=quality)(each).picture)) for each in (picture, other))

    assert is_copy(picture, copy) is None
    assert originals.compare_saved(drawn(picture), copy).same
    assert not originals.compare_saved(drawn(picture), edit).same


@pytest.mark.parametrize(
    ("quality", "colours"),
    some_of([*product([75, 85], COLOURS)], in_the_gate=[*zip([75, 85], COLOURS, strict=True)]),
)
def test_a_webp_of_a_jpeg_of_a_picture_is_the_same_and_one_of_other_words_in_colour_alone_is_not(
    colours: tuple[Colour, Colour], quality: int
) -> None:
    picture, other = (worded(words, 10, colours) for words in ("20% OFF", "50% OFF"))
    jpeg, webp = saved("JPEG", quality=quality), saved("WEBP", quality=70)

    copy, edit = (webp(Image.fromarray(jpeg(each).picture)) for each in (picture, other))

    assert originals.compare_saved(drawn(picture), copy).same
    assert not originals.compare_saved(drawn(picture), edit).same


def test_a_webp_of_a_jpeg_with_most_of_its_words_in_black_on_white_is_a_copy() -> None:
    """Where most was drawn there was no colour, so that nothing said whether the JPEG had halved it."""
    picture = worded("20% OFF", 12, RED_ON_GREEN)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 160, 150), fill="white")
    for top in range(4, 140, 11):
        pen.text((4, top), "Terms and conditions apply", "black", fonts.bold(10), anchor="lt")
    jpeg = saved("JPEG", quality=80)(picture)

    assert is_copy(picture, saved("WEBP", quality=70)(Image.fromarray(jpeg.picture))) is True


def test_a_webp_of_a_jpeg_that_kept_some_of_its_blocks_is_a_copy_and_one_of_other_words_is_none() -> None:
    """A JPEG keeps what is of one colour in each of its blocks: it looks as if the picture itself had been saved."""
    tiles = np.kron(np.random.default_rng(3).integers(2, 14, (3, 19)) * 16, np.ones((16, 16)))[:, :300]

    def tiled(words: str) -> Image.Image:
        picture = worded(words, 14, RED_ON_GREEN)
        picture.paste(Image.fromarray(tiles.astype(np.uint8)))
        return picture

    picture, other = tiled("20% OFF"), tiled("50% OFF")
    jpeg, webp = saved("JPEG", quality=80), saved("WEBP", quality=70)
    copy, edit = (webp(Image.fromarray(jpeg(each).picture)) for each in (picture, other))

    assert originals.compare_saved(drawn(picture), copy).same
    assert not originals.compare_saved(drawn(picture), edit).same
    assert not originals.compare_saved(drawn(picture), webp(other)).same


@pytest.mark.parametrize(
    ("size", "colours", "qualities"),
    some_of(
        [((468, 60), RED_ON_GREEN, (60, 70)), ((728, 90), RED_ON_GREEN, (60, 70)), ((468, 60), PINK_ON_GREY, (75, 70))],
        in_the_gate=[((468, 60), RED_ON_GREEN, (60, 70))],
    ),
)
def test_a_webp_of_a_jpeg_that_another_program_decoded_is_the_same_and_one_of_other_words_is_not(
    size: tuple[int, int], colours: tuple[Colour, Colour], qualities: tuple[int, int]
) -> None:
    """It looks otherwise, as both formats lost of it; and nothing is equal to the bit."""
    nudge = np.random.default_rng(5).choice([-1, 0, 1], (size[1], size[0], 1), p=[0.15, 0.7, 0.15])
    of_jpeg, of_webp = qualities

    def banner(words: str) -> Image.Image:
        picture, (ink, ground) = noisy(size), colours
        pen = ImageDraw.Draw(picture)
        pen.rectangle((300, 20, 468, 60), fill=ground)
        pen.text((306, 24), words, ink, fonts.bold(18), anchor="lt")
        return picture

    def chained(picture: Image.Image) -> Saved:
        jpeg = saved("JPEG", quality=of_jpeg)(picture).picture.astype(np.int16)
        return saved("WEBP", quality=of_webp)(Image.fromarray(np.clip(jpeg + nudge, 0, 255).astype(np.uint8)))

    picture, other = banner("20% OFF"), banner("50% OFF")

    assert not appearance.compare(np.asarray(picture), chained(picture).picture).same
    assert originals.compare_saved(drawn(picture), chained(picture)).same
    assert not originals.compare_saved(drawn(picture), chained(other)).same


def test_an_avif_that_can_be_seen_through_or_moves_does_not_tell() -> None:
    picture = noisy()
    through = picture.copy()
    through.putalpha(128)

    for save, shown in ((saved("AVIF"), through), (saved("AVIF", save_all=True, append_images=[noisy()]), picture)):
        assert is_copy(picture, save(shown)) is not False
