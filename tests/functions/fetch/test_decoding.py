"""Compressed bodies: whole again in small pieces, however they were cut and whatever they hide."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fetch.decoding import PIECE_BYTES, decoded
from shared.reasons import Reason, Rejected
from tests.hostile_server import deflated
from tests.memory import memory


@given(
    st.binary(max_size=5000), st.sampled_from([("gzip", 31), ("x-gzip", 31), (" DEFLATE ", 15)]), st.integers(1, 999)
)
def test_compressed_content_comes_out_as_it_was(content: bytes, way: tuple[str, int], size: int) -> None:
    encoding, wbits = way
    packed = deflated(content, wbits)
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]

    assert b"".join(decoded(chunks, encoding, "here")) == content


@given(st.lists(st.binary(max_size=100)), st.sampled_from(["gzip", "deflate"]))
def test_what_is_not_compressed_is_refused_or_breaks_off(chunks: list[bytes], encoding: str) -> None:
    with pytest.raises((Rejected, EOFError)):
        list(decoded(chunks, encoding, "here"))


def test_a_bomb_comes_out_in_small_pieces() -> None:
    bomb = zlib.compress(bytes(50_000_000))

    with memory() as peak:
        largest = max(len(piece) for piece in decoded([bomb], "deflate", "here"))

    assert largest <= PIECE_BYTES
    assert peak[0] < 1_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "aes128gcm"])
def test_an_encoding_that_we_do_not_read_is_refused(encoding: str) -> None:
    with pytest.raises(Rejected) as refused:
        list(decoded([b"x"], encoding, "here"))

    assert refused.value.reason is Reason.HTTP_ERROR
