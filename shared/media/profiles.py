"""The colours that the numbers of a file stand for by its ICC profile, brought to sRGB, as browsers show them.

Pictures of phones keep Display P3, a print shop's keep inks. What has no profile is taken for sRGB; inks without one
are mixed as browsers mix them, so that such a copy does look otherwise.
"""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

MOST_ROUNDED = 4
"""Levels by which an sRGB profile changes a colour at most: there are many, with curves a little apart. Their files are
left as they are, to the bit. Display P3 changes some colours by 102."""

_MODES = {b"RGB ": "RGB", b"CMYK": "CMYK"}  # by the profile's header (ICC.1, 7.2.8)
_SPACE = slice(16, 20)
_SRGB = ImageCmsProfile(ImageCms.createProfile("sRGB"))
_COLOURS = np.stack(np.meshgrid(*[np.arange(0, 256, 51, dtype=np.uint8)] * 3), axis=-1).reshape(1, -1, 3)


def foreign(image: Image.Image) -> bytes | None:
    """The profile of an opened picture whose numbers are not sRGB's; None without one, or where it is of no use."""
    profile = image.info.get("icc_profile") or b""
    fits = (_MODES.get(profile[_SPACE]) == "CMYK") is (image.mode == "CMYK")
    return profile if fits and _to_srgb(profile) is not None else None


def in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """An opaque picture in the numbers of a `foreign` profile, in sRGB's."""
    transform = _to_srgb(profile)
    return picture if transform is None else _applied(transform, picture, _MODES[profile[_SPACE]])


def in_numbers_of(profile: bytes, picture: Image.Image) -> Image.Image:
    """An sRGB picture in the numbers of a `foreign` profile of red, green and blue."""
    return _applied(_transform(_SRGB, ImageCmsProfile(io.BytesIO(profile)), "RGB"), picture, "RGB")


@lru_cache(4)
def _to_srgb(profile: bytes) -> ImageCmsTransform | None:
    """None where it changes nothing, cannot be read, or is of another kind."""
    mode = _MODES.get(profile[_SPACE])
    if mode is None:
        return None
    try:
        transform = _transform(ImageCmsProfile(io.BytesIO(profile)), _SRGB, mode)
    except (OSError, ImageCms.PyCMSError):
        return None
    if mode == "RGB":
        shown = np.asarray(_applied(transform, Image.fromarray(_COLOURS), mode))
        if np.abs(shown.astype(np.int16) - _COLOURS).max() <= MOST_ROUNDED:
            return None
    return transform


def _transform(given: ImageCmsProfile, wanted: ImageCmsProfile, mode: str) -> ImageCmsTransform:
    """As programs that edit pictures do by default: relative to white, black brought to black."""
    intent, black = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    return ImageCms.buildTransform(given, wanted, mode, "RGB", intent, black)


def _applied(transform: ImageCmsTransform, picture: Image.Image, mode: str) -> Image.Image:
    return transform.apply(picture if picture.mode == mode else picture.convert(mode))
