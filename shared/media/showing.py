"""What a language model is shown of a creative: an image re-encoded to what its tokens pay for, a video as it is.

Of an animation it is shown the distinct scenes side by side on one sheet, which costs no more than one image.

Re-encoding also drops what is not part of the picture: camera and place in the metadata, trailing bytes.
"""

import io
import math
from typing import Literal

import numpy as np
from PIL import Image

from shared.media import animation_frames, images, profiles, storyboards
from shared.media.sandbox import Source
from shared.reasons import Reason, Rejected

Resolution = Literal["low", "medium", "high"]

# Tokens of an image and of a video frame, Gemini 3: https://ai.google.dev/gemini-api/docs/media-resolution, read in
# October 2026.
IMAGE_TOKENS: dict[Resolution, int] = {"low": 280, "medium": 560, "high": 1120}
FRAME_TOKENS: dict[Resolution, int] = {"low": 70, "medium": 70, "high": 280}

# One image token covers 3x3 patches of 16x16 pixels in Gemma 4, which has the same token budgets
# (https://ai.google.dev/gemma/docs/capabilities/vision, read in November 2026). Gemini's own figure is not published.
PIXELS_PER_TOKEN = 48 * 48

MOST_FRAMES = 16
"""Of a video, to a model that takes pictures only: a request with more is refused by some servers, and read carelessly
by most models."""

FRAME_PIXELS: dict[Resolution, int] = {"low": 320 * 180, "medium": 640 * 360, "high": 1280 * 720}
_LAST_LOOK_S = 0.3  # before the end, where a fade-out has not yet begun

_QUALITY = 90
_MOST_SCENES = 40  # each is read in half a second
_STRIP_PIXELS = 4 * 2**20
_MOST_PIXELS = 200_000_000  # `hash` let only pictures pass that are smaller than its own limit


def pixel_budget(resolution: Resolution) -> int:
    """Pixels of an image that its tokens can show."""
    return IMAGE_TOKENS[resolution] * PIXELS_PER_TOKEN


_DARK = "#303030"


def shown_size(width: int, height: int, resolution: Resolution) -> tuple[int, int]:
    """The size in which an image is sent: never larger than it is, never more pixels than its tokens show."""
    return fitted(width, height, pixel_budget(resolution))


def fitted(width: int, height: int, most: int) -> tuple[int, int]:
    """The size of a picture that is reduced to `most` pixels, or as large as it is."""
    scale = min(1.0, math.sqrt(most / (width * height)))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def looks(duration_s: float) -> list[float]:
    """The seconds at which frames of a video are shown: the start, the end, and between, at least a second apart."""
    last = max(duration_s - _LAST_LOOK_S, 0.0)
    count = min(MOST_FRAMES, math.floor(last) + 2)
    return [round(last * index / (count - 1), 2) for index in range(count)] if last else [0.0]


def shown(source: Source, content_type: str, resolution: Resolution, *, lossless: bool = False) -> bytes:
    """The JPEG that is sent of an image file, or a PPM of the same pixels; runs in a child process (see `creative.py`).

    Raises:
        Rejected: when the file is damaged or larger than the limit.
    """
    content = source.read_range(0, source.size)
    with images.open_image(content, content_type, max_pixels=_MOST_PIXELS) as image:
        try:
            sheet = animation_frames.sheet(image) if getattr(image, "is_animated", False) else None
            flat = flattened(sheet or image, resolution)
            return as_ppm(flat) if lossless else as_jpeg(flat)
        except MemoryError:
            raise
        except Exception as error:
            raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {content_type}: {error}") from error


def shown_scenes(source: Source, content_type: str) -> bytes:
    """The distinct scenes of an animation as a storyboard, large enough to be read; runs in a child process.

    Raises:
        Rejected: when the file is damaged or larger than the limit.
    """
    content = source.read_range(0, source.size)
    with images.open_image(content, content_type, max_pixels=_MOST_PIXELS) as image:
        try:
            return storyboards.encode(animation_frames.scenes_of(image, _MOST_SCENES), _QUALITY)
        except MemoryError:
            raise
        except Exception as error:
            raise Rejected(Reason.BROKEN_IMAGE, f"not a readable {content_type}: {error}") from error


def shown_image(image: Image.Image, resolution: Resolution) -> bytes:
    """The JPEG that is sent of an image."""
    return as_jpeg(flattened(image, resolution))


def flattened(image: Image.Image, resolution: Resolution) -> Image.Image:
    """What is shown of an image: its first frame, upright, over white (or dark) where it is transparent, in RGB.

    It is put on white strip by strip, and reduced at once: a large picture is in memory no second time.
    """
    image.draft("RGB", shown_size(*image.size, resolution))
    flat = images.upright(_reduced(image, shown_size(*image.size, resolution)), image)
    size = shown_size(*flat.size, resolution)
    if size != flat.size:
        flat = flat.resize(size, Image.Resampling.LANCZOS)
    return flat


def as_ppm(picture: Image.Image) -> bytes:
    """The picture, pixel by pixel: it goes no further than the process that asked, and a PNG takes 55 ms to and fro."""
    encoded = io.BytesIO()
    picture.save(encoded, "PPM")
    return encoded.getvalue()


def as_jpeg(picture: Image.Image) -> bytes:
    """The picture as it is sent. Chroma is not subsampled: red letters on blue are what an ad is made of."""
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY, subsampling=0)
    return encoded.getvalue()


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in RGB, reduced by a whole factor to at least twice `size`, which a filter then brings it to."""
    image.load()
    factor = max(1, min(image.width // (2 * size[0]), image.height // (2 * size[1])))
    depth, ground = _depth(image), _ground(image)
    reduced = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = factor * max(1, _STRIP_PIXELS // (image.width * factor))
    for top in range(0, image.height, rows):
        strip = _over_white(image.crop((0, top, image.width, min(top + rows, image.height))), depth, ground)
        reduced.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return reduced


def _over_white(image: Image.Image, depth: float, ground: str) -> Image.Image:
    """A strip in RGB, in the colours that its profile says."""
    profile = profiles.foreign(image)
    if _is_fine(image):
        samples = np.nan_to_num(np.asarray(image).astype(np.float32)) * (255 / depth)
        image = Image.fromarray(np.clip(samples, 0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        layer = _layer(image)
        image = Image.alpha_composite(Image.new("RGBA", layer.size, ground), layer)
    if profile:
        return profiles.in_srgb(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _layer(image: Image.Image) -> Image.Image:
    straight = image.convert("LA") if image.mode == "La" else image  # the one way that Pillow knows
    return straight.convert("RGBA")


def _ground(image: Image.Image) -> str:
    """White, as pages are, but for what is white itself: on white nobody would see it. One for the whole picture."""
    if not image.has_transparency_data:
        return "white"
    most = (min(image.width, 1024), min(image.height, 1024))
    layer = _layer(image.resize(most, Image.Resampling.NEAREST))
    luma, alpha = np.asarray(layer.convert("L")), np.asarray(layer.getchannel("A"))
    seen = luma[alpha > 127]
    return _DARK if seen.size and (seen >= 230).mean() >= 0.9 else "white"


def _is_fine(image: Image.Image) -> bool:
    """Whether it is a grey picture of finer samples than eight bits; Pillow would clip them at 255."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _depth(image: Image.Image) -> float:
    """The value of white in a picture of finer samples."""
    if not _is_fine(image) or image.mode.startswith("I;16"):
        return 65535.0
    brightest = max(float(np.nanmax(np.asarray(image), initial=0.0)), 1.0)
    return next((depth for depth in (255.0, 65535.0) if brightest <= depth), brightest)
