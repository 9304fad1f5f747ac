"""Decoders that hang, crash or eat memory end in a rejection or a retry; and never in this process's end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.media.sandbox import ChildLostError, InMemory, Limits, Sandbox
from shared.reasons import Reason, Rejected

pytestmark = pytest.mark.slow

FILE = InMemory(bytes(range(256)) * 1000)


class Gone:
    """A file that was deleted after it was opened."""

    size = 100

    def read_range(self, offset: int, size: int, /) -> bytes:
        raise Rejected(Reason.OBJECT_GONE, "it is no longer there")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(Limits(memory_mib=256, cpu_s=1, clock_s=30), broken=Reason.BROKEN_IMAGE)
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, decoder: str, **options: object) -> bytes:
    return sandbox.run(f"tests.shared.media.hostile_decoders:{decoder}", FILE, options)


def test_a_decoder_reads_the_file_and_returns_its_result(sandbox: Sandbox) -> None:
    assert run(sandbox, "echo") == FILE.content
    assert run(sandbox, "echo", offset=1000, size=10) == FILE.content[1000:1010]
    assert run(sandbox, "echo", offset=FILE.size) == b""


def test_a_child_serves_one_file_after_the_other(sandbox: Sandbox) -> None:
    first = run(sandbox, "process_id")
    with pytest.raises(Rejected):
        run(sandbox, "reject")

    assert run(sandbox, "process_id") == first


def test_many_threads_share_a_few_children(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda number: run(sandbox, "echo", offset=number, size=1), range(64)))

    assert results == [FILE.content[number : number + 1] for number in range(64)]


@pytest.mark.parametrize(
    ("decoder", "options", "reason"),
    [
        ("reject", {}, Reason.TOO_LONG),
        ("spin", {}, Reason.TOO_COMPLEX),
        ("take_memory", {"mib": 300}, Reason.TOO_COMPLEX),
        ("take_memory_by_opencv", {}, Reason.TOO_COMPLEX),
        ("take_lacking_memory_for_damage", {"whose": "opencv"}, Reason.TOO_COMPLEX),
        ("take_lacking_memory_for_damage", {"whose": "ffmpeg"}, Reason.TOO_COMPLEX),
        ("take_lacking_memory_for_damage", {"whose": "numpy"}, Reason.TOO_COMPLEX),
        ("meet_damage", {}, Reason.BROKEN_VIDEO),
        ("crash", {}, Reason.BROKEN_IMAGE),
    ],
)
def test_what_a_file_does_to_its_decoder_is_a_rejection(
    sandbox: Sandbox, decoder: str, options: dict[str, object], reason: Reason
) -> None:
    with pytest.raises(Rejected) as rejection:
        run(sandbox, decoder, **options)

    assert rejection.value.reason is reason
    assert run(sandbox, "echo") == FILE.content


def test_memory_that_an_earlier_file_left_behind_is_not_held_against_the_next(sandbox: Sandbox) -> None:
    run(sandbox, "leak_memory", mib=100)

    assert run(sandbox, "take_memory", mib=100) == str(100 * 2**20).encode()


def test_a_child_killed_from_outside_is_tried_again(sandbox: Sandbox) -> None:
    with pytest.raises(ChildLostError):
        run(sandbox, "be_killed")

    assert run(sandbox, "echo") == FILE.content


def test_a_child_that_stalls_is_tried_again() -> None:
    sandbox = Sandbox(Limits(memory_mib=256, cpu_s=5, clock_s=1), broken=Reason.BROKEN_IMAGE)

    with pytest.raises(ChildLostError):
        run(sandbox, "stall")

    sandbox._limits = Limits(memory_mib=256, cpu_s=5, clock_s=120)  # on a busy machine a child takes a second to start
    assert run(sandbox, "echo") == FILE.content
    sandbox.close()


def test_a_fault_of_our_own_is_tried_again_with_its_traceback(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        sandbox.run("tests.shared.media.hostile_decoders:fail", InMemory(b""), {})


def test_a_fault_of_the_source_comes_through(sandbox: Sandbox) -> None:
    class Unreachable:
        size = 10

        def read_range(self, offset: int, size: int, /) -> bytes:
            raise ConnectionError("the network is down")

    with pytest.raises(ConnectionError):
        sandbox.run("tests.shared.media.hostile_decoders:echo", Unreachable(), {})

    assert run(sandbox, "echo") == FILE.content


def test_after_a_file_that_went_away_while_it_was_read_the_next_one_has_its_own_answer(sandbox: Sandbox) -> None:
    run(sandbox, "echo")

    with pytest.raises(Rejected) as rejection:
        sandbox.run("tests.shared.media.hostile_decoders:echo", Gone(), {})

    assert rejection.value.reason is Reason.OBJECT_GONE
    assert run(sandbox, "echo", offset=1000, size=10) == FILE.content[1000:1010]
