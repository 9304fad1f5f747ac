"""Colour pictures of creatives, for people to look at: made in a child process, because the files are strangers'.

`of_image` and `of_video` are what the child runs (see `shared/media/sandbox.py`): a WebP of at most `max_bytes`.
"""

import io
from itertools import islice

import numpy as np
from PIL import Image, ImageOps

from shared.media import images, profiles, videos
from shared.media.picture_stream import PictureStream, opened
from shared.media.ranged_file import RangedFile
from shared.media.sandbox import Source
from shared.reasons import Reason, Rejected

SIDE = 240
"""Pixels of the longer side of a small picture."""

LARGE_SIDE = 640
"""Pixels that the longer side of a large picture has at least, where the creative has as many."""

type _Attempts = tuple[tuple[int, int], ...]  # sides and qualities of WebP, the best first

_SMALL: _Attempts = ((SIDE, 72), (SIDE, 50), (200, 45), (160, 40), (120, 30), (80, 20))
_LARGE: _Attempts = ((1080, 78), (800, 75), *((LARGE_SIDE, quality) for quality in (75, 60, 45, 30, 15)), *_SMALL)

_LOOKED_AT_BYTES = 32 * 10**6
_LOOKED_AT_FRAMES = 120  # the first seconds: a frame that shows something comes early
_EVERY = 12


def of_image(source: Source, *, content_type: str, max_pixels: int, max_bytes: int, is_large: bool = False) -> bytes:
    """The first frame, upright, over white where it is transparent.

    Raises:
        Rejected: when the image is damaged or larger than `max_pixels`.
    """
    attempts = _LARGE if is_large else _SMALL
    image = images.open_image(source.read_range(0, source.size), content_type, max_pixels=max_pixels)
    try:
        least = 2 * attempts[0][0]
        image.draft("RGB", (least, least))
        return _encoded(_over_white(_reduced(ImageOps.exif_transpose(image), least)), attempts, max_bytes)
    except (Rejected, MemoryError):
        raise
    except Exception as error:
        raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {image.format}: {error}") from error


def of_video(source: Source, *, content_type: str, max_bytes: int, is_large: bool = False) -> bytes:
    """The frame of its first seconds that has most in it.

    Raises:
        Rejected: when the video is damaged or no frame of it can be decoded.
    """
    attempts = _LARGE if is_large else _SMALL
    demuxer = videos.DEMUXERS.get(content_type)
    if demuxer is None:
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{content_type} is not among the video types we read")
    try:
        with opened(RangedFile(source, max_read_bytes=_LOOKED_AT_BYTES), demuxer) as stream:
            return _encoded(_telling_frame(stream, attempts[0][0]), attempts, max_bytes)
    except (Rejected, MemoryError):
        raise
    except Exception as error:
        raise Rejected(Reason.BROKEN_VIDEO, f"not a readable {demuxer} file: {error}") from error


def _encoded(picture: Image.Image, attempts: _Attempts, max_bytes: int) -> bytes:
    """A WebP of the picture, as good as `max_bytes` allow; never enlarged.

    Raises:
        Rejected: when not even the smallest one fits.
    """
    for longest, quality in attempts:
        small = picture.copy()
        small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        small.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= max_bytes:
            return file.getvalue()
    raise Rejected(Reason.TOO_COMPLEX, f"no picture of it fits into {max_bytes} bytes")


def _reduced(image: Image.Image, least: int) -> Image.Image:
    """The picture with far fewer pixels, `least` a side, so that what follows costs little."""
    factor = min(image.width, image.height) // least
    return image.reduce(factor) if factor > 1 and image.mode in ("RGB", "RGBA", "L") else image


def _over_white(image: Image.Image) -> Image.Image:
    """In RGB, in the colours that its profile says."""
    profile = profiles.foreign(image)
    if image.mode.startswith("I") or image.mode == "F":
        samples = np.nan_to_num(np.asarray(image).astype(np.float32))
        image = Image.fromarray((samples * (255 / max(1.0, float(samples.max())))).clip(0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return profiles.in_srgb(image, profile) if profile else image.convert("RGB")


def _telling_frame(stream: PictureStream, side: int) -> Image.Image:
    shown = islice(stream.frames(), 0, _LOOKED_AT_FRAMES, _EVERY)
    candidates = (stream.colour(each.frame, side * side) for each in shown)
    best = max(candidates, key=lambda pixels: float(pixels.std()), default=None)
    if best is None:
        raise Rejected(Reason.BROKEN_VIDEO, "not one frame can be decoded")
    return Image.fromarray(best)
