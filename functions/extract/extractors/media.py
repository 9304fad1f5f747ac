"""What a language model is shown of a creative: an image re-encoded to what its tokens pay for, a video as it is.

Re-encoding also drops what is not part of the picture: camera and place in the metadata, trailing bytes.
"""

import io
import math
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

Resolution = Literal["low", "medium", "high"]

# Tokens of an image and of a video frame, Gemini 3: https://ai.google.dev/gemini-api/docs/media-resolution, read in
# October 2026.
IMAGE_TOKENS: dict[Resolution, int] = {"low": 280, "medium": 560, "high": 1120}
FRAME_TOKENS: dict[Resolution, int] = {"low": 70, "medium": 70, "high": 280}

# One image token covers 3x3 patches of 16x16 pixels in Gemma 4, which has the same token budgets
# (https://ai.google.dev/gemma/docs/capabilities/vision, read in November 2026). Gemini's own figure is not published.
PIXELS_PER_TOKEN = 48 * 48

_QUALITY = 90


def pixel_budget(resolution: Resolution) -> int:
    """Pixels of an image that its tokens can show."""
    return IMAGE_TOKENS[resolution] * PIXELS_PER_TOKEN


_DARK = "#303030"


def shown_size(width: int, height: int, resolution: Resolution) -> tuple[int, int]:
    """The size in which an image is sent: never larger than it is, never more pixels than its tokens show."""
    scale = min(1.0, math.sqrt(pixel_budget(resolution) / (width * height)))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def shown_image(image: Image.Image, resolution: Resolution) -> bytes:
    """The JPEG that is sent of an image: its first frame, upright, over white (or dark) where it is transparent.

    Chroma is not subsampled, because red letters on blue are what an ad is made of.
    """
    image.draft("RGB", shown_size(*image.size, resolution))
    flat = _over_white(ImageOps.exif_transpose(image))
    size = shown_size(*flat.size, resolution)
    if size != flat.size:
        flat = flat.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    encoded = io.BytesIO()
    flat.save(encoded, "JPEG", quality=_QUALITY, subsampling=0)
    return encoded.getvalue()


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bits(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    straight = image.convert("LA") if image.mode == "La" else image  # the one way that Pillow knows
    layer = straight.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, _ground(layer)), layer).convert("RGB")


def _ground(layer: Image.Image) -> str:
    """White, as pages are, but for what is white itself: on white nobody would see it."""
    luma, alpha = np.asarray(layer.convert("L")), np.asarray(layer.getchannel("A"))
    seen = luma[alpha > 127]
    return _DARK if seen.size and (seen >= 230).mean() >= 0.9 else "white"


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey picture of finer samples; Pillow would clip them at 255 instead."""
    samples = np.nan_to_num(np.asarray(image).astype(np.float32))
    brightest = max(float(samples.max(initial=0.0)), 1.0)
    depth = next((depth for depth in (255.0, 65535.0) if brightest <= depth), brightest)
    if image.mode.startswith("I;16"):
        depth = 65535.0
    return Image.fromarray(np.clip(samples * (255 / depth), 0, 255).astype(np.uint8))
