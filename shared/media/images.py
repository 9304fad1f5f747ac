"""Pictures: opened without trust, measured as displayed, turned grey, hashed.

Nothing here decodes a pixel before the header has been checked, and only the decoder of the sniffed type is tried.
What a header cannot tell (a file that decodes for minutes) is bounded by whoever calls: see `shared/media/sandbox.py`.
"""

import hashlib
import io
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from shared.media import avif_boxes, borders, chroma, detail, losses, profiles, thumbnails, variants
from shared.reasons import Reason, Rejected

HASH_VERSION = "pillow-draft256-lanczos9x8/4"
"""Decoder, kernel and hash. Raise the number when a hash of any file changes: tests hold hashes of drawn files."""

Colour = NDArray[np.uint8]
"""A picture's pixels: height x width x 3, red, green and blue."""

_GREY_MIN_SIDE = 256
"""A JPEG may be decoded at 1/2, 1/4 or 1/8 down to this short side: at 64 the hash is up to 8 bits off, here 3."""

_THUMBNAIL_MAX_SIDE = 4096  # a WebP's sides go to 16,383; a thinner picture than 4096 x 36 has nothing to verify
_STRIP_PIXELS = 4 * 2**20  # converted at a time, so that a large picture is not in memory three times over
_MOST_NAMED_PIXELS = 25 * 10**6  # decoded a second time for it; copies of larger pictures are found by comparing
_WEBP_COPIES = 4  # two canvases in the decoder, the frame that it hands out, and the picture
_ANIMATED_FORMATS = frozenset(("GIF", "PNG", "WEBP", "AVIF"))
_SWAPPING_ORIENTATIONS = frozenset((5, 6, 7, 8))

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}

_MANY_VARIANTS = frozenset(("TIFF", "HEIF", "AVIF"))

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Placements of Meta, Google, TikTok and Pinterest, then the banner sizes of the IAB, each also as a ratio.
_RATIO_FORMATS = ("1:1", "4:5", "5:4", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "1.91:1", "21:9")
_BANNER_FORMATS = (
    "300x250", "336x280", "728x90", "160x600", "300x600", "320x50", "320x100", "970x250", "970x90", "468x60", "120x600",
)  # fmt: skip
_AD_FORMATS = {
    **{name: float(name.split(":")[0]) / float(name.split(":")[1]) for name in _RATIO_FORMATS},
    **{name: int(name.split("x")[0]) / int(name.split("x")[1]) for name in _BANNER_FORMATS},
}
_AD_FORMAT_TOLERANCE = 0.02

Image.MAX_IMAGE_PIXELS = None  # the limit is `open_image`'s; Pillow's own would be a warning, then an error at twice it
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20  # design programs write megabytes of history into a PNG's text


@dataclass(frozen=True)
class Picture:
    """An opened picture.

    Attributes:
        width: in pixels, as displayed.
        height: in pixels, as displayed.
        frame_count: of an animation; None for a still.
        grey: the first frame, upright, on white, with its sides reduced to what hash and thumbnail need.
        colours: of the same, coarsely.
    """

    width: int
    height: int
    frame_count: int | None
    grey: Image.Image
    colours: chroma.Chroma


def read(content: bytes, content_type: str, *, max_pixels: int) -> Picture:
    """Decodes a picture of a sniffed type.

    Raises:
        Rejected: when it is damaged, or its sides multiply to more than `max_pixels`.
    """
    image = open_image(content, content_type, max_pixels=max_pixels)
    try:
        # in this order: the orientation is read after decoding, because Pillow turns a TIFF itself when it decodes it
        size, frame_count = image.size, _frame_count(image)
        image.draft(_drafted(image), _needed_size(*size))
        pixels, cells = grey(image), chroma.cells(image)
        orientation = _orientation(image)
    except MemoryError as error:
        raise Rejected(Reason.TOO_COMPLEX, f"decoding {size[0]} x {size[1]} pixels takes too much memory") from error
    except Exception as error:
        raise _refused(content, str(image.format), error) from error
    width, height = reversed(size) if orientation in _SWAPPING_ORIENTATIONS else size
    pixels, cells = upright(pixels, image), upright(cells, image)
    return Picture(width, height, frame_count, pixels, chroma.measure(cells))


def open_image(content: bytes, content_type: str, *, max_pixels: int) -> Image.Image:
    """Opens a picture and checks its header; not one of its pixels is decoded, but where its header crops it.

    Raises:
        Rejected: when it is of another type than `content_type`, damaged, or larger than `max_pixels`.
    """
    pillow_format = _FORMATS.get(content_type)
    if pillow_format is None:
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{content_type} is not among the image types we read")
    if pillow_format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if pillow_format == "WEBP":
        _require_at_most(max_pixels, *_webp_size(content), copies=_WEBP_COPIES)
    said = avif_boxes.header_of(content) if pillow_format == "AVIF" else avif_boxes.Header()
    _require_at_most(max_pixels, *(said.size or (0, 0)), copies=1)  # before its decoder does, which says less
    try:
        image = Image.open(io.BytesIO(content), formats=[pillow_format])
    except MemoryError as error:
        raise Rejected(Reason.TOO_COMPLEX, f"opening this {pillow_format} takes too much memory") from error
    except Exception as error:
        raise _refused(content, pillow_format, error) from error
    _require_at_most(max_pixels, *image.size, copies=_copies(image))
    return _cropped(image, said.crop, content) if said.crop and said.size == image.size else image


def _cropped(image: Image.Image, crop: avif_boxes.Box, content: bytes) -> Image.Image:
    """What players show of a still; how it is to be turned comes after."""
    if getattr(image, "n_frames", 1) > 1:
        return image
    try:
        shown = image.crop(crop)
    except MemoryError as error:
        raise Rejected(Reason.TOO_COMPLEX, "decoding what is shown of it takes too much memory") from error
    except Exception as error:
        raise _refused(content, str(image.format), error) from error
    shown.format = image.format
    return shown


def grey(image: Image.Image) -> Image.Image:
    """The picture in grey, on white where it is transparent, reduced by a whole factor; not yet turned upright."""
    needed = _needed_size(*image.size)
    image.draft(None if profiles.foreign(image) else "L", needed)
    return _reduced(image, max(1, min(image.width // needed[0], image.height // needed[1])), "L")


def _drafted(image: Image.Image) -> str:
    """A JPEG's own colours, of which grey and chroma come without a conversion; libjpeg gives no others for RGB.

    A profile tells of red, green and blue.
    """
    if not isinstance(image, JpegImageFile):
        return "YCbCr"
    if profiles.foreign(image):
        return "RGB"
    plain = "jfif" not in image.info and image.layers == 3
    named_rgb = plain and [part[0] for part in image.layer] == [*b"RGB"]
    said_rgb = plain and image.info.get("adobe_transform", 1) == 0
    return "RGB" if said_rgb or (named_rgb and "adobe_transform" not in image.info) else "YCbCr"


def upright(picture: Image.Image, decoded: Image.Image) -> Image.Image:
    """A picture made of a decoded one, turned as that one's EXIF says."""
    turn = _TURNS.get(_orientation(decoded))
    return picture if turn is None else picture.transpose(turn)


def is_turned(image: Image.Image) -> bool:
    """Whether a picture is kept otherwise than it is shown, as its EXIF says."""
    return _orientation(image) in _TURNS


def colour(content: bytes, content_type: str, *, max_pixels: int, most: int, in_srgb: bool = True) -> Colour:
    """The first frame, upright, on white where it is transparent, reduced by a whole factor to `most` pixels or fewer.

    In sRGB, or in the file's own numbers whatever its profile says of them.

    Raises:
        Rejected: when it is damaged, or its sides multiply to more than `max_pixels`.
    """
    image = open_image(content, content_type, max_pixels=max_pixels)
    if not in_srgb:
        image.info.pop("icc_profile", None)
    return np.asarray(_coloured(image, most))


def _coloured(image: Image.Image, most: int) -> Image.Image:
    factor = max(1, math.ceil(math.sqrt(image.width * image.height / most)))
    try:
        return upright(_reduced(image, factor, "RGB"), image)
    except MemoryError as error:
        raise Rejected(Reason.TOO_COMPLEX, "decoding its colours takes too much memory") from error
    except Exception as error:
        raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {image.format}: {_said(error)}") from error


@dataclass(frozen=True)
class Pixels:
    """What only all pixels of a still tell.

    Attributes:
        sha: files have it in common exactly where they keep the same pixels, whatever their format, and whatever a
            profile says of the numbers.
        detail_scale: the share of its width and height at which it would show as much (see detail.py).
        lost: what its format made it lose (see losses.py).
    """

    sha: str
    detail_scale: float
    lost: int


def pixels(content: bytes, content_type: str, *, max_pixels: int) -> Pixels | None:
    """None for an animation, of which one frame is not all, and for a picture too large to decode once more for it.

    Raises:
        Rejected: when it is damaged, or its sides multiply to more than `max_pixels`.
    """
    image = open_image(content, content_type, max_pixels=max_pixels)
    if _frame_count(image) or image.width * image.height > _MOST_NAMED_PIXELS:
        return None
    lost = losses.of(image, content)
    image.info.pop("icc_profile", None)  # copies lose it, and keep the numbers
    shown = _coloured(image, _MOST_NAMED_PIXELS)
    sha = hashlib.sha256(f"{(shown.height, shown.width, 3)}".encode())
    sha.update(shown.tobytes())
    return Pixels(sha.hexdigest()[:32], detail.scale(shown.convert("L")), lost)


def inside_border(grey: Image.Image) -> Image.Image:
    """A grey picture without its even border: a copy that somebody put into a frame has the hash of the original."""
    pixels = np.asarray(grey)
    inner = borders.inside(pixels)
    return grey if inner.size == pixels.size else Image.fromarray(inner)


def dhash(grey: Image.Image) -> int:
    """The 64-bit dHash of a grey picture, as the signed integer that BigQuery stores.

    One bit for each pair of neighbours in each of eight rows, first row first: is the right one lighter?
    """
    small = np.asarray(grey.resize((9, 8), Image.Resampling.LANCZOS))
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return int.from_bytes(bits.tobytes(), signed=True)


def thumbnail(grey: Image.Image) -> thumbnails.Grey:
    """A grey picture at the size of a thumbnail, of the same proportions and never enlarged."""
    size = _thumbnail_size(*grey.size)
    return np.asarray(grey.resize(size, Image.Resampling.LANCZOS) if size != grey.size else grey)


def aspect_ratio(width: int, height: int) -> str:
    """Width to height in lowest terms: 1920 x 1080 is 16:9."""
    ratio = Fraction(width, height)
    return f"{ratio.numerator}:{ratio.denominator}"


def ad_format(width: int, height: int) -> str | None:
    """The common ad format of these proportions (within 2 %): a ratio, or a banner's size; None where none is near."""
    size = f"{width}x{height}"
    if size in _BANNER_FORMATS:
        return size
    distance, name = min(
        ((abs(math.log(width / height / ratio)), name) for name, ratio in _AD_FORMATS.items()), key=lambda near: near[0]
    )
    return name if distance <= _AD_FORMAT_TOLERANCE else None


def _needed_size(width: int, height: int) -> tuple[int, int]:
    thumb_width, thumb_height = _thumbnail_size(width, height)
    return max(_GREY_MIN_SIDE, thumb_width), max(_GREY_MIN_SIDE, thumb_height)


def _thumbnail_size(width: int, height: int) -> tuple[int, int]:
    banner = max(width, height) > thumbnails.BANNER * min(width, height)
    area = thumbnails.BANNER_PIXELS if banner else thumbnails.PIXELS
    scale = min(1.0, math.sqrt(area / (width * height)), _THUMBNAIL_MAX_SIDE / max(width, height))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _reduced(image: Image.Image, factor: int, mode: str) -> Image.Image:
    """The picture in grey ("L") or in colours ("RGB"), on white where it is transparent, reduced by a whole factor; one
    that is large is put together of strips of whole multiples of `factor` rows.
    """
    image.load()
    rows, scale = factor * max(1, _STRIP_PIXELS // (image.width * factor)), _grey_scale(image)
    profile = profiles.foreign(image)
    if rows >= image.height:
        return _strip_as(image, scale, mode, factor, profile)
    reduced = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        reduced.paste(_strip_as(strip, scale, mode, factor, profile), (0, top // factor))
    return reduced


def _grey_scale(image: Image.Image) -> float:
    """What a sample of more than 8 bits is multiplied by; Pillow would clip it at 255 instead."""
    if image.mode.startswith("I;16"):
        return 1 / 256
    if image.mode not in ("I", "F"):
        return 1.0
    brightest = float(np.nanmax(np.abs(np.asarray(image))))
    depth = next((depth for depth in (1.0, 255.0, 65535.0) if brightest <= depth), brightest)
    return 255 / depth


def _strip_as(strip: Image.Image, scale: float, mode: str, factor: int, profile: bytes | None) -> Image.Image:
    if strip.mode == "La":
        strip = strip.convert("LA")  # Pillow turns what is premultiplied into its own kind alone
    if strip.mode in ("I", "F") or strip.mode.startswith("I;16"):
        samples = np.nan_to_num(np.asarray(strip).astype(np.float32) * scale)
        strip = Image.fromarray(np.clip(samples, 0, 255).astype(np.uint8))
    elif strip.has_transparency_data:
        strip = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip)
    elif strip.mode == "LAB":
        strip = strip.getchannel("L")
    if profile:
        strip = profiles.in_srgb(strip, profile)
    flat = strip if strip.mode == mode else strip.convert(mode)
    return flat.reduce(factor) if factor > 1 else flat


def _require_at_most(max_pixels: int, width: int, height: int, *, copies: float) -> None:
    """A picture that its decoder holds several times over may have so many pixels less: memory is what is short."""
    limit = int(max_pixels / copies)
    if width * height > limit:
        raise Rejected(Reason.TOO_MANY_PIXELS, f"{width} x {height} pixels, the limit for its kind is {limit:,} in all")


def _copies(image: Image.Image) -> float:
    """How often the decoder holds the picture, counted in copies of four bytes a pixel."""
    if image.format == "TIFF" and _orientation(image) in _TURNS:
        return 2  # Pillow turns it when it decodes it
    if isinstance(image, JpegImageFile) and "progressive" in image.info:
        areas = [across * down for _, across, down, _ in image.layer]
        return max(1, sum(areas) / max(areas) / 2)  # two bytes for each coefficient of each component, to the end
    return 1


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height by the header (RFC 9649), or 0: Pillow reserves the canvases before it tells."""
    header = content[12:30].ljust(18, b"\0")
    if header[:4] == b"VP8X":
        return int.from_bytes(header[12:15], "little") + 1, int.from_bytes(header[15:18], "little") + 1
    if header[:4] == b"VP8L":
        bits = int.from_bytes(header[9:13], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(header[14:16], "little") & 0x3FFF, int.from_bytes(header[16:18], "little") & 0x3FFF


def _frame_count(image: Image.Image) -> int | None:
    if image.format not in _ANIMATED_FORMATS:
        return None
    count = getattr(image, "n_frames", 1)
    return count if count > 1 else None


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1 where none can be read, since viewers show a picture with broken EXIF as it is."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, EOFError, OverflowError):
        return 1
    return orientation if orientation in _TURNS else 1


def _refused(content: bytes, pillow_format: str, error: Exception) -> Rejected:
    """What is said of a picture that a decoder gave up on: that it is damaged only where it is not whole."""
    if pillow_format in _MANY_VARIANTS and variants.is_whole(content, pillow_format):
        return Rejected(Reason.UNSUPPORTED_VARIANT, f"a variant of {pillow_format} that is not read: {_said(error)}")
    return Rejected(Reason.BROKEN_IMAGE, f"not a readable {pillow_format}: {_said(error)}")


def _said(error: Exception) -> str:
    """What the decoder said, without the object addresses in it."""
    return "its header is not one" if isinstance(error, UnidentifiedImageError) else f"{error or type(error).__name__}"
