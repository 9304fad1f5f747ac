"""How much did its format make a picture lose, or a film? Of copies of one size, what lost least stands for the others.

It goes by the file alone, not by what it is compared with: so copies have one order, whichever came first. What was
lost before it was saved as it is, no file tells.

Of what moves the bits tell that are spent on a pixel and a second. Of three spots saved by x264, x265 and VP9, nine
times each, they order the files by how far those are from the master (PSNR) with a rank correlation of .92 to .97; how
much detail is left of the decoded frames (Laplacian) with .88 to .92, and it costs to decode them.
"""

import math

from PIL import Image, JpegImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from shared.media import avif_boxes

NOTHING = 0
DETAIL = 1
"""But colours are kept for every pixel, as far as is known."""

COLOURS = 2
"""As well: they are kept for every other pixel, or are no more than a palette has."""

MOST_OF_FILM = 31
_BITS = 600.0  # a pixel and second: of 25 frames without a loss
_STEPS = 3  # for each halving: crf 24 and 26 of x264 are one apart

_KEEP_ALL = ("PNG", "TIFF", "BMP")
_LOSSY_IN_TIFF = ("jpeg", "webp")
_NO_COLOURS_LOST = 0, -1  # 4:4:4; what has no colours, or four of them
_ALL_COLOURS = "4:4:4", "4:0:0"


def of(image: Image.Image, content: bytes) -> int:
    """`NOTHING`, `DETAIL` or `COLOURS`, of a picture that was opened and the file that holds it."""
    if image.mode == "P" or image.format == "GIF":
        return COLOURS
    if image.format in _KEEP_ALL:
        return DETAIL if image.info.get("compression") in _LOSSY_IN_TIFF else NOTHING
    if isinstance(image, JpegImageFile):
        return DETAIL if JpegImagePlugin.get_sampling(image) in _NO_COLOURS_LOST else COLOURS
    if image.format == "WEBP":
        return COLOURS if _is_lossy_webp(content) else NOTHING
    return DETAIL if avif_boxes.sampling_of(content) in _ALL_COLOURS else COLOURS


def of_film(picture_bytes: int, width: int, height: int, seconds: float, *, mono: bool = False) -> int:
    """0 to `MOST_OF_FILM`, of so many bytes of pictures shown for so long; the more, the fewer bits.

    A sound of one channel may have been two: it counts for a step, so that of equal pictures those with both stand.
    """
    bits = 8 * max(1, picture_bytes) / (width * height * max(seconds, 0.1))
    return min(MOST_OF_FILM, max(0, round(_STEPS * math.log2(_BITS / bits))) + mono)


def _is_lossy_webp(content: bytes) -> bool:
    """By the name of the chunk that holds the picture (RFC 9649)."""
    at = 12
    while at + 8 <= len(content) and content[at : at + 4] not in (b"VP8 ", b"VP8L"):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return content[at : at + 4] != b"VP8L"
