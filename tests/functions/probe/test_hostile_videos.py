"""Hostile videos end in a rejection with a reason people understand, within the limits of time and memory."""

from collections.abc import Iterator

import pytest

from functions.probe import decoding, main
from shared import sniffing
from shared.events import Kind
from shared.reasons import Reason, Rejected
from shared.sandbox import InMemory, Limits, Sandbox
from tests import hostile

PERMITTED = {Reason.BROKEN_VIDEO, Reason.TOO_MANY_PIXELS, Reason.TOO_LONG, Reason.TOO_COMPLEX, Reason.NO_VIDEO_STREAM}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """As `probe` runs it, save that a test waits less long."""
    limits = Limits(memory_mib=main.LIMITS.memory_mib, cpu_s=10, clock_s=120)
    sandbox = Sandbox(limits, broken=Reason.BROKEN_VIDEO)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("file", [*hostile.hostile_videos(), *hostile.damaged_videos()], ids=str)
def test_a_hostile_video_is_refused_or_shown(sandbox: Sandbox, file: hostile.Hostile) -> None:
    expected = file.reasons or PERMITTED

    outcome: decoding.Measured | Rejected
    try:
        outcome = measure(sandbox, file.content)
    except Rejected as rejection:
        outcome = rejection

    if isinstance(outcome, Rejected):
        assert outcome.reason in expected, outcome.detail
        assert "Traceback" not in outcome.detail
    else:
        assert not file.reasons, f"shown for {outcome.duration_s} s"
        assert 0 < outcome.duration_s <= 600


def measure(sandbox: Sandbox, content: bytes) -> decoding.Measured:
    media = sniffing.sniff(content[: sniffing.HEAD_BYTES])
    assert media
    assert media.kind is Kind.VIDEO
    options = {"content_type": media.content_type, "max_duration_s": 600.0}
    result = sandbox.run("functions.probe.decoding:measure", InMemory(content), options)
    return decoding.Measured.model_validate_json(result)
