"""Hostile files of our own making: what an attacker, a broken exporter or a cut-off transfer puts into the bucket.

None is made before somebody asks for its content: whoever collects tests wants the names alone. What becomes of each
stands in the table of `tests/functions/test_hostile_files.py`.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from PIL import Image

from tests import pictures, videos


@dataclass(frozen=True)
class Hostile:
    """A hostile file, and how it is made."""

    name: str
    made: bytes | Callable[[], bytes]

    @property
    def content(self) -> bytes:
        """The file."""
        return self.made if isinstance(self.made, bytes) else self.made()

    def __str__(self) -> str:
        return self.name


def corpus() -> Iterator[Hostile]:
    """All of them."""
    for files in (
        hostile_images,
        damaged_images,
        odd_images,
        hostile_videos,
        damaged_videos,
        odd_videos,
        no_media,
    ):
        yield from files()


def no_media() -> Iterator[Hostile]:
    """Files that must not get further than `intake`."""
    yield Hostile("nothing", b"")
    yield Hostile("svg with a script", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    yield Hostile("svg with an external entity", SVG_OF_ENTITIES)
    yield Hostile("svg with a billion laughs", SVG_OF_LAUGHS)
    yield Hostile("page that says it is a png", b"<!doctype html>\n\x89PNG\r\n\x1a\n<script>alert(1)</script>")
    yield Hostile("pdf with a png in it", lambda: b"%PDF-1.7\n" + _picture("PNG", 48, 48))
    yield Hostile("zip with a jpeg in it", lambda: b"PK\x03\x04" + _picture("JPEG", 48, 48))
    yield Hostile("program", b"MZ\x90\x00" + bytes(500))
    yield Hostile("noise", lambda: np.random.default_rng(1).bytes(100_000))


def odd_videos() -> Iterator[Hostile]:
    """Files that look hostile and are videos all the same."""
    page = _atom(b"free", b"<html><script>alert(1)</script></html>")
    yield Hostile("mp4 with a zip at its end", lambda: _film("mp4") + b"PK\x03\x04" + bytes(500))
    yield Hostile("mp4 with a page in a free atom", lambda: _film("mp4") + page)


def hostile_images() -> Iterator[Hostile]:
    """Files that sniff as images, and must not get further than `hash`."""
    yield Hostile("png of 30,000 x 30,000", partial(_png, 30_000, 30_000))
    yield Hostile("png of 2^31-1 x 2^31-1", partial(_png, 2**31 - 1, 2**31 - 1, rows=0))
    yield Hostile("png of 99 megapixels without its pixels", partial(_png, 9_900, 10_000, rows=5))
    yield Hostile("png of no width", partial(_png, 0, 10))
    yield Hostile("png with a text of 200 MB", partial(_png, 16, 16, text=200 * 2**20))
    yield Hostile("gif of 65,535 x 65,535", partial(_gif, 65_535, 65_535))
    yield Hostile("gif whose frame is larger than it", partial(_gif, 10, 10, frame=(65_535, 65_535)))
    yield Hostile("webp of 65,535 x 65,535", partial(_animated_webp, 65_535, 65_535))
    yield Hostile("tiff of 60,000 x 60,000", partial(_tiff, 60_000, 60_000))
    yield Hostile("tiff whose directories form a circle", _circular_tiff)
    yield Hostile("bmp of 2^31-1 pixels width", partial(_bmp, 2**31 - 1, 2**31 - 1))
    yield Hostile("jpeg of 65,535 x 65,535", partial(_jpeg_header, 65_535, 65_535))
    yield Hostile("jpeg of 65,500 x 1,500 without its pixels", partial(_jpeg_header, 65_500, 1_500))
    yield Hostile("progressive jpeg of endless scans", endless_jpeg)
    yield Hostile("a signature and nothing else", b"\x89PNG\r\n\x1a\n")
    yield Hostile("avif of a header", b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf")
    yield Hostile("heic of a header", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(99))


def damaged_images() -> Iterator[Hostile]:
    """Pictures cut off in transit, and with bits turned over."""
    for pillow_format in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"):
        whole = partial(_picture, pillow_format, 640, 480, seed=7)
        for kept in (0.05, 0.5, 0.9):
            yield Hostile(f"{pillow_format} cut off at {kept:.0%}", partial(_cut_off, whole, kept))
        for seed in range(4):
            yield Hostile(f"{pillow_format} with flipped bits, seed {seed}", partial(flipped, whole, seed=seed))


def odd_images() -> Iterator[Hostile]:
    """Files that look hostile and are pictures all the same."""
    jpeg, comment = partial(_picture, "JPEG", 320, 240), b"\xff\xfe\x00\x1a<script>alert(1)</script>"
    yield Hostile("jpeg with a zip at its end", lambda: jpeg() + b"PK\x03\x04" + bytes(500))
    yield Hostile("jpeg with a script in its comment", lambda: jpeg()[:2] + comment + jpeg()[2:])
    yield Hostile("png of 65,535 x 1", partial(_line, 65_535, 1))
    yield Hostile("png of 1 x 65,535", partial(_line, 1, 65_535))
    yield Hostile("gif of 10,000 frames", partial(_gif, 64, 64, frames=10_000))
    yield Hostile("gif and javascript", lambda: b"GIF89a" + _picture("GIF", 48, 48)[6:] + b"/*=1;alert(1)//*/")


def hostile_videos() -> Iterator[Hostile]:
    """Files that sniff as videos, and must not get further than `probe`."""
    yield Hostile("mp4 whose header says a thousand years", lambda: _with_durations(_film("mp4"), 2**32 - 1))
    yield Hostile("mp4 of a day a frame", lambda: _with_long_frames(_film("mp4")))
    yield Hostile("mp4 of no duration", lambda: _with_durations(_film("mp4"), 0))
    yield Hostile("mp4 of 5,000 atoms in each other", partial(_nested_atoms, 5_000))
    yield Hostile("mp4 of a million small atoms", partial(_many_atoms, 10**6))
    yield Hostile(
        "mp4 whose atom is longer than the file",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\xff\xff\xff\xf0moov",
    )
    yield Hostile(
        "mp4 whose atom has a size of 2^63",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x01moov" + b"\x7f" + b"\xff" * 7,
    )
    yield Hostile("mp4 that names another file", lambda: _with_reference(_film("mp4")))
    yield Hostile("mp4 of sound", videos.sound_only)
    yield Hostile("a file type and nothing else", lambda: _film("mp4")[:32])
    yield Hostile("webm of a header", lambda: _film("webm")[:40])
    yield Hostile("avi of a header", b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrl")
    yield Hostile("flv of a header", b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")
    yield Hostile("transport stream of empty packets", (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 2_000)
    yield Hostile("program stream of noise", lambda: b"\x00\x00\x01\xba" + np.random.default_rng(0).bytes(200_000))


def damaged_videos() -> Iterator[Hostile]:
    """Videos cut off in transit, and with bits turned over."""
    for name in FILMS:
        whole = partial(_film, name)
        for kept in (0.05, 0.5, 0.8):
            yield Hostile(f"{name} cut off at {kept:.0%}", partial(_cut_off, whole, kept))
        for seed in range(6):
            yield Hostile(f"{name} with flipped bits, seed {seed}", partial(flipped, whole, seed=seed))


FILMS: Mapping[str, Mapping[str, Any]] = {
    "mp4": {},
    "fast start mp4": {"index_first": True},
    "webm": {"muxer": "webm", "codec": "libvpx"},
}
"""How the films are encoded that are damaged."""


@cache
def _film(name: str) -> bytes:
    return videos.encode(videos.moving_square(2, width=160, height=90), **FILMS[name])


@cache
def _picture(pillow_format: str, width: int, height: int, *, seed: int = 0) -> bytes:
    return pictures.encode(pictures.draw(width, height, seed=seed), pillow_format)


def _line(width: int, height: int) -> bytes:
    return pictures.encode(Image.linear_gradient("L").resize((width, height)), "PNG")


def _cut_off(whole: Callable[[], bytes], kept: float) -> bytes:
    return whole()[: int(len(whole()) * kept)]


def flipped(whole: Callable[[], bytes], *, seed: int, every: int = 500) -> bytes:
    """The file with a bit turned over in about every 500th byte, its first 16 bytes spared."""
    content, random = whole(), np.random.default_rng(seed)
    changed = bytearray(content)
    for at in random.integers(16, len(content), max(1, len(content) // every)):
        changed[at] ^= 1 << int(random.integers(8))
    return bytes(changed)


def transparent_png(width: int, height: int) -> bytes:
    """A picture of four bytes a pixel, dark above and light below."""
    packed = zlib.compressobj(1)
    rows = (b"\0" + bytes((row * 255 // height,) * 4) * width for row in range(height))
    pixels = b"".join(packed.compress(row) for row in rows) + packed.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def endless_jpeg(scans: int = 60_000) -> bytes:
    """A progressive picture of 64 megapixels whose every scan touches all blocks and carries nothing."""
    header = _jpeg_header(8_000, 8_000, progressive=True)
    blocks = 1_000 * 1_000
    runs = -(-blocks // 32_767)
    bits = ("0" + "1" * 14) * runs
    bits += "1" * (-len(bits) % 8)
    entropy = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\x00")
    # one AC code of one bit, meaning 'nothing in the next 2^14 + n blocks', n being the 14 bits after it
    table = _segment(0xC4, b"\x10" + b"\x01" + bytes(15) + b"\xe0")
    first = _segment(0xDA, b"\x01\x01\x00\x01\x3f\x01")
    again = _segment(0xDA, b"\x01\x01\x00\x01\x3f\x10")
    return header + table + first + entropy + (again + entropy) * scans + b"\xff\xd9"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *, rows: int | None = None, text: int = 0) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    row = bytes(1 + -(-min(width, 10**6) // 8))
    body = zlib.compress(row * min(height if rows is None else rows, 30_000), 9)
    note = _chunk(b"zTXt", b"note\x00\x00" + zlib.compress(bytes(text), 9)) if text else b""
    return b"\x89PNG\r\n\x1a\n" + header + note + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _gif(width: int, height: int, *, frame: tuple[int, int] | None = None, frames: int = 1) -> bytes:
    frame_width, frame_height = frame or (width, height)
    shown = b"\x21\xf9\x04\x00\x05\x00\x00\x00\x2c" + struct.pack("<HHHHB", 0, 0, frame_width, frame_height, 0)
    pixels = pictures.encode(Image.linear_gradient("L").resize((64, 64)).convert("P"), "GIF")
    data = pixels[pixels.index(b"\x2c\x00\x00\x00\x00\x40\x00\x40\x00") + 10 : -1]
    palette = bytes(channel for level in range(256) for channel in (level, level, level))
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + palette + (shown + data) * frames + b"\x3b"


def _animated_webp(width: int, height: int) -> bytes:
    """One small frame on a large canvas."""
    still = pictures.encode(pictures.draw(16, 16), "WEBP")
    canvas = b"\x02\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    frame = bytes(6) + (15).to_bytes(3, "little") * 2 + (100).to_bytes(3, "little") + b"\0" + still[12:]
    body = b"WEBP" + _riff(b"VP8X", canvas) + _riff(b"ANIM", bytes(6)) + _riff(b"ANMF", frame)
    return _riff(b"RIFF", body)


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _tiff(width: int, height: int) -> bytes:
    entries = (
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 100),
    )
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries
    )
    return b"II*\x00\x08\x00\x00\x00" + directory + bytes(200)


def _circular_tiff() -> bytes:
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 0) + struct.pack("<I", 8) + bytes(100)


def _bmp(width: int, height: int) -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHI", 200, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
        + bytes(99)
    )


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def _jpeg_header(width: int, height: int, *, progressive: bool = False) -> bytes:
    quantization = _segment(0xDB, b"\x00" + b"\x01" * 64)
    frame = _segment(0xC2 if progressive else 0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    return b"\xff\xd8" + quantization + frame


def _atom(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


SVG_OF_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
)
SVG_OF_LAUGHS = (
    b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&c;</text></svg>'
)

_FILE_TYPE = _atom(b"ftyp", b"mp42\x00\x00\x00\x00mp42isom")


def _nested_atoms(depth: int) -> bytes:
    nested = b""
    for _ in range(depth):
        nested = _atom(b"trak", nested)
    return _FILE_TYPE + _atom(b"moov", nested)


def _many_atoms(count: int) -> bytes:
    return _FILE_TYPE + _atom(b"moov", _atom(b"udta", b"") * count)


def _with_durations(mp4: bytes, ticks: int) -> bytes:
    """The durations of the film, its track and its media, each in their own clock."""
    changed = bytearray(mp4)
    for kind, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = mp4.index(kind) + offset
        changed[at : at + 4] = ticks.to_bytes(4)
    return bytes(changed)


def _with_long_frames(mp4: bytes) -> bytes:
    """Every frame is shown for two days."""
    table = mp4.index(b"stts") + 16
    return mp4[:table] + (2**31 - 1).to_bytes(4) + mp4[table + 4 :]


def _with_reference(mp4: bytes) -> bytes:
    """The track's data is said to lie in another file of this machine."""
    own = mp4.index(b"url \x00\x00\x00\x01")
    return mp4[: own + 7] + b"\x00" + mp4[own + 8 :]
