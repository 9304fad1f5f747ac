"""An AVIF is shown cropped and turned as its header says, and refused by its header where it is too large."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.media import avif_boxes, images
from shared.reasons import Reason, Rejected

WIDE, HIGH = 64, 48


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, name) + data


def avif(width: int = WIDE, height: int = HIGH) -> bytes:
    """Left half black, right half white."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste("black", (0, 0, width // 2, height))
    encoded = io.BytesIO()
    picture.save(encoded, "AVIF", quality=90)
    return encoded.getvalue()


def with_property(content: bytes, name: bytes, data: bytes) -> bytes:
    """The file with a property more of its one item; what follows moves, and so do the places that `iloc` tells."""
    added = box(name, data)
    at, end = content.index(b"ipco") - 4, content.index(b"ipma") - 4
    count = sum(1 for _ in avif_boxes._boxes(content[at + 8 : end]))
    ipma = content[end : end + int.from_bytes(content[end : end + 4])]
    counted = bytearray(ipma + bytes([0x80 | (count + 1)]))
    counted[18] += 1  # of associations: after size, name, version and flags, number of items, the item
    counted[:4] = struct.pack(">I", len(counted))
    changed = bytearray(content[:end] + added + bytes(counted) + content[end + len(ipma) :])
    grown = len(added) + 1
    for holder in (b"ipco", b"iprp", b"meta"):
        place = content.index(holder) - 4
        more = len(added) if holder == b"ipco" else grown
        changed[place : place + 4] = struct.pack(">I", int.from_bytes(content[place : place + 4]) + more)
    iloc = content.index(b"iloc")
    start = iloc + 4 + 4 + 2 + 2 + 2 + 2 + 2  # version and flags, sizes, items, item, source, extents
    offset = int.from_bytes(content[start : start + 4])
    changed[start : start + 4] = struct.pack(">I", offset + grown)
    return bytes(changed)


def clap(width: int, height: int, right: int, down: int) -> bytes:
    """A clean aperture; its middle is moved from the picture's by halves of pixels."""
    return struct.pack(">IIIIiIiI", width, 1, height, 1, right, 2, down, 2)


def test_only_the_clean_aperture_is_measured_and_seen() -> None:
    content = with_property(avif(), b"clap", clap(20, 30, 44, -18))  # 20 x 30 at the right edge, at the top

    picture = images.read(content, "image/avif", max_pixels=10_000)

    assert (picture.width, picture.height) == (20, 30)
    assert np.asarray(picture.grey).min() > 200
    assert images.colour(content, "image/avif", max_pixels=10_000, most=10_000).shape == (30, 20, 3)


@pytest.mark.parametrize("aperture", [clap(0, 10, 0, 0), clap(65, 10, 0, 0), clap(20, 30, 60, 0), clap(21, 30, 0, 0)])
def test_an_aperture_that_is_none_changes_nothing(aperture: bytes) -> None:
    content = with_property(avif(), b"clap", aperture)

    picture = images.read(content, "image/avif", max_pixels=10_000)

    assert (picture.width, picture.height) == (WIDE, HIGH)


def test_an_avif_over_the_limit_is_too_large_before_its_decoder_says_anything() -> None:
    content = bytearray(avif())
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 40_000, 30_000)

    with pytest.raises(Rejected) as refusal:
        images.read(bytes(content), "image/avif", max_pixels=100_000_000)

    assert refusal.value.reason is Reason.TOO_MANY_PIXELS


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_header_is_read_without_a_fault(noise: bytes, at: int) -> None:
    content = ONE[:at] + noise + ONE[at + len(noise) :]

    header = avif_boxes.header_of(content)

    assert header.crop is None or header.size is not None


ONE = avif()
