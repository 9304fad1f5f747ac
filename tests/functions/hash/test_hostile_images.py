"""Hostile images end in a rejection with a reason people understand, within the limits of time and memory."""

from collections.abc import Iterator

import pytest

from functions.hash import decoding, main
from shared import sniffing
from shared.events import Kind
from shared.reasons import Reason, Rejected
from shared.sandbox import InMemory, Limits, Sandbox
from tests import hostile

PERMITTED = {Reason.BROKEN_IMAGE, Reason.TOO_MANY_PIXELS, Reason.TOO_COMPLEX}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """As `hash` runs it, save that a test waits less long."""
    limits = Limits(memory_mib=main.LIMITS.memory_mib, cpu_s=3, clock_s=120)
    sandbox = Sandbox(limits, broken=Reason.BROKEN_IMAGE)
    yield sandbox
    sandbox.close()


def measure(sandbox: Sandbox, content: bytes) -> decoding.Measured:
    media = sniffing.sniff(content[: sniffing.HEAD_BYTES])
    assert media
    assert media.kind is Kind.IMAGE
    options = {"content_type": media.content_type, "max_pixels": 100 * 10**6}
    result = sandbox.run("functions.hash.decoding:measure", InMemory(content), options)
    return decoding.Measured.model_validate_json(result)


@pytest.mark.parametrize("file", [*hostile.hostile_images(), *hostile.damaged_images()], ids=str)
def test_a_hostile_image_is_refused_or_shown(sandbox: Sandbox, file: hostile.Hostile) -> None:
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
        assert not file.reasons, f"shown as {outcome.width} x {outcome.height}"


@pytest.mark.parametrize("file", list(hostile.odd_images()), ids=str)
def test_an_odd_image_is_shown_all_the_same(sandbox: Sandbox, file: hostile.Hostile) -> None:
    measured = measure(sandbox, file.content)

    assert measured.width * measured.height > 0
    assert measured.thumbnail[:4] == b"RIFF"


def test_ten_thousand_frames_are_counted(sandbox: Sandbox) -> None:
    (animation,) = (file for file in hostile.odd_images() if "10,000" in file.name)

    assert measure(sandbox, animation.content).frame_count == 10_000


def test_the_largest_picture_allowed_fits_into_the_memory_allowed() -> None:
    sandbox = Sandbox(main.LIMITS, broken=Reason.BROKEN_IMAGE)

    measured = measure(sandbox, hostile.transparent_png(10_000, 10_000))

    assert (measured.width, measured.height) == (10_000, 10_000)
    sandbox.close()
