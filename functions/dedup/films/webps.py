"""Does an animated WebP show what its format makes of another animation's cards, or was a place drawn anew?

Of faint words a film tells little: an encoder loses as much. But what it loses is no accident. A frame of an animated
WebP is a bitstream of its own, for the rectangle in which a card differs from the one before, and the same encoder
makes the same of the same cards, to the bit. So where it makes what the file has of one card of an animation that lost
nothing, how the file was saved is known; and what it makes of any other card is in the file, or that card is another.
"""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.dedup.pictures import encoding, palettes, resaving
from functions.dedup.pictures.residuals import most_apart
from shared.media import animation_frames, images
from shared.media.images import Colour
from shared.media.sandbox import Source, parts

DRAWN_ANEW = resaving.MOST_LEVELS
"""Levels, mean over 3x3 pixels, by which a card differs from what WebP makes of the other one that was drawn anew."""

MOST_PIXELS = 2 * 10**6
"""Of all cards together: two of them are saved up to eighty times over to find out how the file was."""

_MOST_KEPT = 16.0
"""Levels by which a card differs at most from the one before where a file goes on showing that: libwebp takes for equal
what differs by 31 to 1, with the root of the quality."""

_LEAST_QUALITY = 30
"""At which what it takes for equal differs by 15."""

_METHODS = 4, 0, 6, 5, 3, 2, 1
"""libwebp's `method`: its own tools' and FFmpeg's, Pillow's, and the one that takes fewest bytes; then the others."""

_RISING = {0: ((0, 88), (89, 100)), 1: ((0, 88), (89, 100))}
"""Of some methods, the qualities within which a better one takes more bytes: at 89 these take a seventh less."""

_CARDS_TO_FIND_OUT = 2
_LEAST_DRAWN = 128  # pixels beside an edge: nothing is told by a plain card
_BESIDE = 2  # qualities: a better one takes fewer bytes now and then
_NO_BLENDING, _DISPOSED = 2, 1  # flags of a frame
_HAS_ALPHA = 0x10  # flag of a file
_MOST_ANIMATED_PIXELS = 100 * 10**6
_OTHERWISE = 0x80


@dataclass(frozen=True)
class _Frame:
    """A frame of an animated WebP.

    Attributes:
        left, top, width, height: where it lies, in pixels.
        blended: whether what can be seen through shows the frame before.
        disposed: whether it is taken off again before the next one.
        bitstream: of what is kept with loss; empty where nothing is lost.
        alpha: how much of it can be seen through, as its chunk has it; empty where nothing can.
    """

    left: int
    top: int
    width: int
    height: int
    blended: bool
    disposed: bool
    bitstream: bytes
    alpha: bytes

    @classmethod
    def of(cls, content: bytes) -> "_Frame":
        """What an ANMF chunk holds."""
        left, top, width, height = (int.from_bytes(content[at : at + 3], "little") for at in (0, 3, 6, 9))
        chunks = dict(_chunks(content, 16))
        return cls(
            left=2 * left,
            top=2 * top,
            width=width + 1,
            height=height + 1,
            blended=not content[15] & _NO_BLENDING,
            disposed=bool(content[15] & _DISPOSED),
            bitstream=chunks.get(b"VP8 ", b""),
            alpha=chunks.get(b"ALPH", b""),
        )

    @property
    def place(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @property
    def opaque(self) -> NDArray[np.bool_]:
        """Which of its pixels cannot be seen through."""
        if not self.alpha:
            return np.ones((self.height, self.width), bool)
        size = bytes([_HAS_ALPHA, 0, 0, 0]) + b"".join(
            (each - 1).to_bytes(3, "little") for each in (self.width, self.height)
        )
        file = _file((b"VP8X", size), (b"ALPH", self.alpha), (b"VP8 ", self.bitstream))
        return np.asarray(np.asarray(Image.open(io.BytesIO(file), formats=["WEBP"]).convert("RGBA"))[..., 3] == 255)

    def is_whole(self, picture: Colour) -> bool:
        """Whether it shows all of a card by itself."""
        return not self.blended and not self.alpha and picture.shape[:2] == (self.height, self.width)


@dataclass(frozen=True, eq=False)
class _Card:
    """A card of the animation that lost nothing, beside the frame of the file that should show it.

    Attributes:
        before: the card before it; itself of the first one.
        taken_off: the place of that one's frame, where the file takes it off again: one can see through it.
    """

    picture: Colour
    before: Colour
    frame: _Frame
    taken_off: tuple[slice, slice] | None = None

    def made(self, quality: int, method: int) -> bytes:
        """The bitstream that libwebp makes of it, for the frame's rectangle and beside the card before.

        Where it would have another rectangle, that one is forced upon it: all but the corners is equal elsewhere.
        """
        if not self.frame.blended:
            return _bitstream(_saved([self.picture], quality, method))
        rows, columns = self.frame.place
        before = self.picture.copy()
        before[rows, columns] = self.before[rows, columns]
        if self.taken_off:
            before = np.dstack([before, np.full(before.shape[:2], 255, np.uint8)])
            before[self.taken_off] = 0
        for row, column in ((rows.stop - 1, columns.start), (rows.start, columns.stop - 1)):
            before[row, column, :3] = self.picture[row, column] ^ _OTHERWISE
        frames = _frames(_saved([before, self.picture], quality, method))
        return frames[1].bitstream if len(frames) == 2 else b""

    def drawn_anew(self, quality: int, method: int) -> float:
        """The most by which a place differs, in levels, from what the file shows of it: within the frame, or beside."""
        rows, columns = self.frame.place
        fresh = np.zeros(self.picture.shape[:2], bool)
        fresh[rows, columns] = self.frame.opaque
        kept = _worst(most_apart(self.picture, self.before) * ~fresh)
        if kept > _MOST_KEPT and quality >= _LEAST_QUALITY:
            return kept
        made = self.made(quality, method)
        if not made or made == self.frame.bitstream:
            return 0.0
        apart = most_apart(*(encoding.shown(_file((b"VP8 ", each))) for each in (made, self.frame.bitstream)))
        worst = _worst(apart * self.frame.opaque)
        return 0.0 if worst > DRAWN_ANEW and _is_made_otherwise(self) else worst


def could_tell(content_types: Sequence[str]) -> bool:
    """Whether one file may be a WebP that lost something, and the other one that lost nothing."""
    return "image/webp" in content_types and set(content_types) <= {"image/webp", "image/png"}


def drawn_anew(source: Source, *, first_bytes: int, content_types: Sequence[str]) -> bytes:
    """The most by which a card of one file differs from what WebP makes of the other's; 0 where nothing is told.

    In levels, as text, of two animations that `source` holds one after the other.

    Raises:
        Rejected: when one of them cannot be decoded.
    """
    files = [(each.read(), kind) for each, kind in zip(parts(source, first_bytes), content_types, strict=True)]
    return str(max(_told(*pair) for pair in (files, files[::-1]))).encode()


def _told(original: tuple[bytes, str], webp: tuple[bytes, str]) -> float:
    frames = _frames(webp[0]) if webp[1] == "image/webp" else []
    if not any(each.bitstream for each in frames) or not _lost_nothing(*original):
        return 0.0
    size = _size(webp[0])
    pictures = _pictures(*original, size) if len(frames) * math.prod(size) <= MOST_PIXELS else []
    if len(pictures) != len(frames):
        return 0.0
    cards = [*_asked(pictures, frames)]
    settings = _settings(cards)
    if settings is None:
        return 0.0
    return max(card.drawn_anew(*settings) for card in cards)


def _is_made_otherwise(card: _Card) -> bool:
    """Whether it is what the file has, at another quality or by another method.

    Tools may save each card at a quality of its own; and two methods now and then make the same of one card alone.
    """
    return any(next(_qualities(card, method), None) is not None for method in _METHODS)


def _asked(pictures: Sequence[Colour], frames: Sequence[_Frame]) -> Iterator[_Card]:
    """The cards of which it is known what libwebp made the file's frame of."""
    if frames[0].bitstream and frames[0].is_whole(pictures[0]):
        yield _Card(pictures[0], pictures[0], frames[0])
    for (before, picture), (frame_before, frame) in zip(pairwise(pictures), pairwise(frames), strict=True):
        if frame.bitstream and (frame.blended or frame.is_whole(picture)):
            yield _Card(picture, before, frame, frame_before.place if frame_before.disposed else None)


def _settings(cards: Sequence[_Card]) -> tuple[int, int] | None:
    """The quality and the method at which the file was saved; None where no card says it.

    Of several that make the same of a card, the one that makes the same of most.
    """
    for card in cards[:_CARDS_TO_FIND_OUT]:
        if np.count_nonzero(resaving.drawn_in(card.picture[card.frame.place])) < _LEAST_DRAWN:
            continue
        for method in _METHODS:
            found = [*_qualities(card, method)]
            if found:
                equal = {at: sum(each.made(at, method) == each.frame.bitstream for each in cards) for at in found}
                return max(found, key=equal.__getitem__), method
    return None


def _qualities(card: _Card, method: int) -> Iterator[int]:
    """Those at which a card is what the file has, to the bit: near the lowest that takes as many bytes."""
    made = cache(partial(card.made, method=method))
    for least, most in _RISING.get(method, ((0, encoding.BEST_QUALITY),)):
        low, high = least, most
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if len(made(middle)) < len(card.frame.bitstream) else (low, middle)
        near = range(max(least, low - _BESIDE), min(most, low + _BESIDE) + 1)
        yield from (quality for quality in near if made(quality) == card.frame.bitstream)


def _worst(apart: NDArray[np.uint8]) -> float:
    return float(cv2.blur(apart.astype(np.float32), (3, 3)).max())


def _lost_nothing(content: bytes, content_type: str) -> bool:
    return content_type == "image/png" or not any(each.bitstream for each in _frames(content))


def _pictures(content: bytes, content_type: str, size: tuple[int, int]) -> list[Colour]:
    """The cards of an animation of that size, each once.

    None where one of them has a palette, to which it may have lost colours, or can be seen through: of what lies
    beneath files keep what they like.
    """
    shown = []
    with images.open_image(content, content_type, max_pixels=_MOST_ANIMATED_PIXELS) as image:
        if image.size != size:
            return []
        for each in animation_frames.frames(image):
            if image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema() != (255, 255):
                return []
            shown.append(np.asarray(each.picture))
    cards = shown[:1] + [card for before, card in pairwise(shown) if not np.array_equal(before, card)]
    return [] if any(map(palettes.has_one, cards)) else cards


def _saved(pictures: Sequence[Colour], quality: int, method: int) -> bytes:
    """A WebP of one picture, or an animated one, with no more key frames than have to be."""
    first, *others = map(Image.fromarray, pictures)
    file = io.BytesIO()
    more = {"save_all": True, "append_images": others, "kmin": 9, "kmax": 10} if others else {}
    first.save(file, "WEBP", quality=quality, method=method, **more)
    return file.getvalue()


def _bitstream(content: bytes) -> bytes:
    return dict(_chunks(content, 12)).get(b"VP8 ", b"")


def _frames(content: bytes) -> list[_Frame]:
    return [_Frame.of(chunk) for name, chunk in _chunks(content, 12) if name == b"ANMF" and len(chunk) >= 16]


def _size(content: bytes) -> tuple[int, int]:
    """Width and height of an animated WebP."""
    header = dict(_chunks(content[:30], 12)).get(b"VP8X", b"")
    return 1 + int.from_bytes(header[4:7], "little"), 1 + int.from_bytes(header[7:10], "little")


def _chunks(content: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _file(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + len(each).to_bytes(4, "little") + each + bytes(len(each) % 2) for name, each in chunks)
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
