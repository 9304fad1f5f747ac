"""What a language model is shown of a creative: an image re-encoded to what its tokens pay for, a video as it is.

Re-encoding also drops what is not part of the picture: camera and place in the metadata, trailing bytes.
"""

import io
import math
from typing import Literal

from PIL import Image

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


def shown_size(width: int, height: int, resolution: Resolution) -> tuple[int, int]:
    """The size in which an image is sent: never larger than it is, never more pixels than its tokens show."""
    scale = min(1.0, math.sqrt(pixel_budget(resolution) / (width * height)))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def shown_image(upright: Image.Image, resolution: Resolution) -> bytes:
    """The JPEG that is sent of an upright image (orientation applied): alpha over white, colour kept at full detail.

    Chroma is not subsampled, because red letters on blue are what an ad is made of.
    """
    flat = _over_white(upright)
    size = shown_size(*flat.size, resolution)
    if size != flat.size:
        flat = flat.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    encoded = io.BytesIO()
    flat.save(encoded, "JPEG", quality=_QUALITY, subsampling=0)
    return encoded.getvalue()


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
