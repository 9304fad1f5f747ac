"""The largest pictures that `hash` passes, at the concurrency of infra/pipeline.yaml, in the memory that it gives."""

from collections.abc import Iterator

import pytest
from google.cloud import storage

from benchmarks import extract_memory
from benchmarks.extract_memory import CONCURRENCY, LIMIT_MIB, draw, largest_side
from tests.gemini_server import GeminiServer


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("largest", [2, pytest.param(CONCURRENCY, marks=pytest.mark.long)])
def test_the_largest_pictures_at_full_concurrency_stay_under_the_functions_memory(
    bucket: storage.Bucket, server: GeminiServer, largest: int
) -> None:
    mix = [draw("PNG RGBA", largest_side())] * largest + [draw("JPEG", 1200)] * (CONCURRENCY - largest)

    found = extract_memory.peak(bucket, mix, server)

    assert len(server.ledger) == CONCURRENCY
    assert found.child > 380, "the pictures were never as large as they are: nothing was measured"
    assert found.together < 0.9 * LIMIT_MIB
