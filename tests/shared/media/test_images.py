"""Pictures of every format and oddity, against a plain full decode of what a person would see."""

import io
from itertools import product
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from shared.media import images, thumbnails
from shared.reasons import Reason, Rejected
from tests import pictures
from tests.cases import some_of

LIMIT = 100 * 10**6


def read(content: bytes, content_type: str = "image/png") -> images.Picture:
    return images.read(content, content_type, max_pixels=LIMIT)


def distance(one: int, other: int) -> int:
    return ((one ^ other) & (2**64 - 1)).bit_count()


def seen(picture: Image.Image) -> int:
    """The hash of what a person sees, decoded in full: upright, on white, in grey."""
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    return images.dhash(Image.alpha_composite(white, upright).convert("L"))


def with_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


FORMATS: list[tuple[str, str, dict[str, object]]] = [
    ("JPEG", "image/jpeg", {"quality": 90}),
    ("JPEG", "image/jpeg", {"progressive": True, "subsampling": 0}),
    ("PNG", "image/png", {}),
    ("WEBP", "image/webp", {}),
    ("WEBP", "image/webp", {"lossless": True}),
    ("GIF", "image/gif", {}),
    ("AVIF", "image/avif", {}),
    ("HEIF", "image/heic", {}),
    ("TIFF", "image/tiff", {}),
    ("TIFF", "image/tiff", {"compression": "tiff_lzw"}),
    ("BMP", "image/bmp", {}),
]


@pytest.mark.parametrize(
    ("size", "pillow_format", "content_type", "options"),
    some_of(
        [(size, *each) for size in ((1200, 628), (1080, 1350), (300, 250), (970, 90)) for each in FORMATS],
        in_the_gate=[
            ((1200, 628), *FORMATS[0]),
            *((size, *each) for size in ((300, 250), (970, 90)) for each in FORMATS),
        ],
    ),
)
def test_every_format_hashes_within_three_bits_of_a_full_decode(
    size: tuple[int, int], pillow_format: str, content_type: str, options: dict[str, object]
) -> None:
    content = pictures.encode(pictures.draw(*size, seed=size[0]), pillow_format, **options)

    picture = read(content, content_type)

    assert (picture.width, picture.height) == size
    assert distance(images.dhash(picture.grey), seen(Image.open(io.BytesIO(content)))) <= 3


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 3)  # each decodes a picture whole
@given(
    width=st.integers(16, 2200),
    height=st.integers(16, 2200),
    seed=st.integers(0, 10**6),
    kind=st.sampled_from([("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]),
)
def test_any_size_hashes_within_three_bits_of_a_full_decode(
    width: int, height: int, seed: int, kind: tuple[str, str]
) -> None:
    content = pictures.encode(pictures.draw(width, height, seed=seed), kind[0])

    picture = read(content, kind[1])

    assert distance(images.dhash(picture.grey), seen(Image.open(io.BytesIO(content)))) <= 3


def test_the_hash_of_a_grey_picture_is_imagehashs() -> None:
    for seed in range(20):
        picture = pictures.draw(400, 300, seed=seed, mode="L")

        expected = int(str(imagehash.dhash(picture)), 16)

        assert images.dhash(picture) % 2**64 == expected


ORIENTED = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}


@pytest.mark.parametrize(
    ("pillow_format", "orientation"),
    some_of(
        [*product(ORIENTED, range(1, 9))],
        in_the_gate=[*product(["JPEG"], range(1, 9)), *product(ORIENTED, (6, 7))],
    ),
)
def test_orientation_is_applied(pillow_format: str, orientation: int) -> None:
    content_type = ORIENTED[pillow_format]
    picture = pictures.draw(640, 400)
    picture.info["exif"] = exif = with_orientation(orientation)  # a HEIC's own rotation is written from there
    content = pictures.encode(picture, pillow_format, exif=exif)

    upright = read(content, content_type)

    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(pictures.encode(picture, "PNG", exif=exif))))
    assert (upright.width, upright.height) == shown.size
    assert distance(images.dhash(upright.grey), images.dhash(shown.convert("L"))) <= 3


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00",
        b"Exif\x00\x00MM\x00*\xff\xff\xff\xff",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff" + b"\x12" * 99,
    ],
)
def test_broken_exif_does_not_break_a_picture(exif: bytes) -> None:
    content = pictures.encode(pictures.draw(300, 200), "JPEG", exif=exif)

    assert (read(content, "image/jpeg").width, read(content, "image/jpeg").height) == (300, 200)


@pytest.mark.parametrize(
    ("pillow_format", "content_type"), [("PNG", "image/png"), ("WEBP", "image/webp"), ("TIFF", "image/tiff")]
)
def test_transparency_is_white(pillow_format: str, content_type: str) -> None:
    picture = pictures.draw(1200, 900, mode="RGBA")
    alpha = Image.radial_gradient("L").resize(picture.size)
    picture.putalpha(alpha)
    content = pictures.encode(picture, pillow_format, **({"lossless": True} if pillow_format == "WEBP" else {}))

    assert distance(images.dhash(read(content, content_type).grey), seen(picture)) <= 3


def test_hidden_colours_of_transparent_pixels_are_not_seen() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (600, 600, 4), dtype=np.uint8)
    pixels[:, :300, 3] = 0
    pixels[:, 300:, 3] = 255

    grey = np.asarray(read(pictures.encode(Image.fromarray(pixels), "PNG")).grey)

    assert grey[:, : grey.shape[1] // 2 - 1].min() == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "LAB"])
def test_every_mode_is_seen_as_it_is(mode: str) -> None:
    grey = pictures.draw(500, 400, mode="L")
    if mode in ("I;16", "I"):
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16 if mode == "I;16" else np.int32) * 256)
    elif mode == "F":
        picture = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    elif mode == "LAB":
        picture = Image.merge("LAB", (grey, *(Image.new("L", grey.size, 128) for _ in "ab")))
    else:
        picture = grey.convert(mode, dither=None) if mode != "CMYK" else grey.convert("RGB").convert("CMYK")

    found = (
        read(pictures.encode(picture, "TIFF"), "image/tiff") if mode != "P" else read(pictures.encode(picture, "PNG"))
    )

    assert distance(images.dhash(found.grey), images.dhash(grey)) <= (12 if mode == "1" else 3)


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    picture = pictures.draw(300, 200).quantize(16)
    content = pictures.encode(picture, "PNG", transparency=0)

    assert distance(images.dhash(read(content).grey), seen(Image.open(io.BytesIO(content)))) <= 1


@pytest.mark.parametrize(
    ("pillow_format", "content_type"),
    [("GIF", "image/gif"), ("WEBP", "image/webp"), ("PNG", "image/png"), ("AVIF", "image/avif")],
)
def test_an_animation_is_its_first_frame_and_counted(pillow_format: str, content_type: str) -> None:
    frames = [pictures.draw(320, 240, seed=seed) for seed in range(5)]
    content = pictures.encode(frames[0], pillow_format, save_all=True, append_images=frames[1:], duration=100)

    picture = read(content, content_type)

    assert picture.frame_count == 5
    assert distance(images.dhash(picture.grey), images.dhash(frames[0].convert("L"))) <= 3


def test_pages_are_not_frames() -> None:
    pages = [pictures.draw(320, 240, seed=seed) for seed in range(3)]
    content = pictures.encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    assert read(content, "image/tiff").frame_count is None


@pytest.mark.slow
def test_large_pictures_are_converted_in_strips_to_the_same_grey() -> None:
    picture = pictures.draw(5000, 3001, mode="RGBA")

    grey = read(pictures.encode(picture, "PNG", compress_level=1)).grey

    factor = round(5000 / grey.width)
    expected = np.asarray(picture.convert("L").reduce(factor))
    assert factor > 1
    assert np.abs(np.asarray(grey).astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("size", "shape"),
    [((1200, 628), (277, 530)), ((100, 80), (80, 100)), ((970, 250), (250, 970)), ((4000, 40), (40, 4000))],
)
def test_a_thumbnail_keeps_proportions_and_is_never_enlarged(size: tuple[int, int], shape: tuple[int, int]) -> None:
    thumbnail = images.thumbnail(pictures.draw(*size, mode="L"))

    assert thumbnail.shape == shape
    assert thumbnail.size <= (thumbnails.BANNER_PIXELS if size[0] > 3 * size[1] else thumbnails.PIXELS)


@pytest.mark.parametrize(
    ("width", "height", "ratio", "ad_format"),
    [
        (1080, 1080, "1:1", "1:1"),
        (1080, 1350, "4:5", "4:5"),
        (1080, 1920, "9:16", "9:16"),
        (1920, 1080, "16:9", "16:9"),
        (1200, 628, "300:157", "1.91:1"),
        (1200, 627, "400:209", "1.91:1"),
        (1000, 1500, "2:3", "2:3"),
        (1440, 1080, "4:3", "4:3"),
        (728, 90, "364:45", "728x90"),
        (1456, 180, "364:45", "728x90"),
        (300, 250, "6:5", "300x250"),
        (336, 280, "6:5", "336x280"),
        (160, 600, "4:15", "160x600"),
        (1079, 1080, "1079:1080", "1:1"),
        (1366, 768, "683:384", "16:9"),
        (1, 1, "1:1", "1:1"),
        (1700, 1000, "17:10", None),
        (65535, 1, "65535:1", None),
    ],
)
def test_proportions_are_exact_and_near_a_format(width: int, height: int, ratio: str, ad_format: str | None) -> None:
    assert images.aspect_ratio(width, height) == ratio
    assert images.ad_format(width, height) == ad_format


def test_too_many_pixels_are_refused_before_one_is_decoded() -> None:
    bomb = pictures.encode(Image.new("1", (12_000, 12_000)), "PNG")

    with pytest.raises(Rejected) as rejection:
        images.open_image(bomb, "image/png", max_pixels=LIMIT)

    assert rejection.value.reason is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    "options", [{}, {"lossless": True}, {"icc_profile": b"makes it an extended file"}], ids=["VP8 ", "VP8L", "VP8X"]
)
def test_a_webps_size_is_checked_before_its_canvas_is_reserved(options: dict[str, object]) -> None:
    content = pictures.encode(pictures.draw(400, 300), "WEBP", **options)

    assert images.open_image(content, "image/webp", max_pixels=4 * 400 * 300).size == (400, 300)
    with pytest.raises(Rejected, match="400 x 300") as rejection:
        images.open_image(content, "image/webp", max_pixels=4 * 400 * 300 - 4)

    assert rejection.value.reason is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    ("pillow_format", "options", "copies"),
    [
        ("JPEG", {}, 1),
        ("JPEG", {"progressive": True, "subsampling": 2}, 1),
        ("JPEG", {"progressive": True, "subsampling": 0}, 1.5),
        ("TIFF", {}, 1),
        ("TIFF", {"exif": with_orientation(6)}, 2),
    ],
)
def test_what_is_held_several_times_over_may_have_fewer_pixels(
    pillow_format: str, options: dict[str, object], copies: float
) -> None:
    content = pictures.encode(pictures.draw(400, 300), pillow_format, **options)
    content_type, enough = f"image/{pillow_format.lower()}", int(400 * 300 * copies)

    assert images.open_image(content, content_type, max_pixels=enough)
    with pytest.raises(Rejected) as rejection:
        images.open_image(content, content_type, max_pixels=enough - 3)

    assert rejection.value.reason is Reason.TOO_MANY_PIXELS


def test_only_the_sniffed_decoder_is_tried() -> None:
    content = pictures.encode(pictures.draw(20, 20), "BMP")

    with pytest.raises(Rejected) as rejection:
        read(content, "image/png")

    assert rejection.value.reason is Reason.BROKEN_IMAGE


@pytest.mark.parametrize("content_type", ["image/svg+xml", "application/postscript", "text/html", "image/x-icon"])
def test_other_types_reach_no_decoder(content_type: str) -> None:
    with pytest.raises(Rejected) as rejection:
        read(b"anything", content_type)

    assert rejection.value.reason is Reason.UNSUPPORTED_TYPE


def test_hashes_have_not_moved() -> None:
    """A library's new version that moves these needs a new HASH_VERSION: stored hashes are compared with new ones."""
    stored = dict(
        line.split() for line in (Path(__file__).parent / "hashes.txt").read_text().splitlines() if line[0] != "#"
    )

    for name in stored:
        seed, extension = name.split(".")
        kind = {"jpg": ("JPEG", "image/jpeg"), "png": ("PNG", "image/png"), "webp": ("WEBP", "image/webp")}[extension]
        content = pictures.encode(pictures.draw(1200, 800, seed=int(seed)), kind[0])

        assert f"{images.dhash(read(content, kind[1]).grey) % 2**64:016x}" == stored[name], name
