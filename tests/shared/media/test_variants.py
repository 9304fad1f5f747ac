"""Pictures of any size from one pixel up, of rare codings, and of codings that nobody reads."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.hash.decoding import measure
from shared.media import images
from shared.media.sandbox import InMemory
from shared.reasons import Reason, Rejected
from tests.pictures import draw

MOST = 10**8


@given(
    width=st.integers(1, 12) | st.integers(1, 700),
    height=st.integers(1, 12),
    turned=st.booleans(),
    levels=st.sampled_from((2, 3, 256)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_picture_of_any_size_is_measured(width: int, height: int, turned: bool, levels: int, seed: int) -> None:
    shape = (width, height) if turned else (height, width)
    grey = np.random.default_rng(seed).integers(0, levels, shape) * (255 // (levels - 1))
    encoded = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(encoded, "PNG")

    measured = measure(InMemory(encoded.getvalue()), content_type="image/png", max_pixels=MOST)

    assert f'"width":{shape[1]},"height":{shape[0]},' in measured.decode()


def test_a_jpeg_that_is_stored_as_rgb_is_the_picture_that_it_shows() -> None:
    drawn = draw(600, 400)
    stored = {}
    for keep_rgb in (False, True):
        encoded = io.BytesIO()
        drawn.save(encoded, "JPEG", quality=95, keep_rgb=keep_rgb)
        stored[keep_rgb] = images.read(encoded.getvalue(), "image/jpeg", max_pixels=MOST)

    assert stored[True].grey.size == stored[False].grey.size
    assert (images.dhash(stored[True].grey) ^ images.dhash(stored[False].grey)).bit_count() <= 1
    assert np.abs(stored[True].colours.astype(int) - stored[False].colours.astype(int)).mean() < 2


def test_grey_with_premultiplied_alpha_is_read() -> None:
    encoded = io.BytesIO()
    picture = draw(200, 100).convert("LA")
    picture.save(encoded, "TIFF")
    premultiplied = encoded.getvalue().replace(
        struct.pack("<HHIH", 338, 3, 1, 2), struct.pack("<HHIH", 338, 3, 1, 1)
    )  # ExtraSamples: of 'unassociated' alpha 'associated' is made

    read = images.read(premultiplied, "image/tiff", max_pixels=MOST)

    assert premultiplied != encoded.getvalue()
    assert (read.width, read.height) == (200, 100)


def rare_tiff() -> bytes:
    """A sound TIFF of 12 bits a sample, which Pillow has no mode for."""
    encoded = io.BytesIO()
    draw(64, 48).save(encoded, "TIFF")
    content = encoded.getvalue()
    bits = struct.pack("<HHH", 8, 8, 8)
    assert content.count(bits) == 1
    return content.replace(bits, struct.pack("<HHH", 12, 12, 12))


def test_a_variant_that_no_decoder_knows_is_not_called_damaged() -> None:
    with pytest.raises(Rejected) as whole:
        images.read(rare_tiff(), "image/tiff", max_pixels=MOST)
    with pytest.raises(Rejected) as cut:
        images.read(rare_tiff()[:-2000], "image/tiff", max_pixels=MOST)

    assert whole.value.reason is Reason.UNSUPPORTED_VARIANT
    assert "TIFF" in whole.value.detail
    assert cut.value.reason is Reason.BROKEN_IMAGE


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def test_a_heif_that_is_whole_and_not_read_is_not_called_damaged() -> None:
    content = box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(40)) + box(b"mdat", bytes(100))

    with pytest.raises(Rejected) as whole:
        images.read(content, "image/heic", max_pixels=MOST)
    with pytest.raises(Rejected) as cut:
        images.read(content[:-10], "image/heic", max_pixels=MOST)

    assert (whole.value.reason, cut.value.reason) == (Reason.UNSUPPORTED_VARIANT, Reason.BROKEN_IMAGE)
