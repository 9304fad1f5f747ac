"""A creative's id is the same by its bytes, by chunks of them, and by its object's checksums."""

import base64
import hashlib

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st

from shared import identity


@given(st.lists(st.binary(max_size=50)))
def test_chunks_and_the_whole_have_one_id(chunks: list[bytes]) -> None:
    by_chunks = identity.ContentHash()

    for chunk in chunks:
        by_chunks.update(chunk)

    assert by_chunks.creative_id == identity.creative_id(b"".join(chunks))


@given(st.binary(max_size=200))
def test_the_checksums_that_cloud_storage_keeps_give_the_same_id(content: bytes) -> None:
    md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    crc32c = base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()

    assert identity.from_checksums(md5, crc32c) == identity.creative_id(content)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_other_bytes_have_another_id(one: bytes, other: bytes) -> None:
    same = identity.creative_id(one) == identity.creative_id(other)

    assert same == (one == other)


def test_an_object_without_md5_matches_nothing() -> None:
    content = identity.ContentHash()

    assert not content.matches(None, "AAAAAA==")
