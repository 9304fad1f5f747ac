"""The data folder: refused in a sentence where it cannot be used, and one process's at a time."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import folder, processes
from local.folder import FolderError
from shared import wiring

# Owns the folder and says so; is ready at the first line it reads, and ends at the second, or when it is killed.
OWNER = """
import sys
from pathlib import Path
from local import folder, processes
data = Path(sys.argv[1])
with folder.owned(data, progress=lambda _: None) as own:
    print(own, flush=True)
    input()
    with folder.ready(data):
        print("ready", flush=True)
        input()
"""


@contextmanager
def another_owner(data: Path) -> Iterator["subprocess.Popen[str]"]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    command = [sys.executable, "-c", OWNER, str(data)]
    with subprocess.Popen(command, cwd=wiring.ROOT, **pipes) as process:  # type: ignore[call-overload]
        assert said_by(process) == "True\n"
        yield process
        process.kill()


def said_by(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


def say(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")


def test_a_new_folder_is_made_with_its_parents_and_says_its_version(tmp_path: Path) -> None:
    made = folder.made(tmp_path / "a" / "b")

    assert made == tmp_path / "a" / "b"
    assert (made / "version").read_text() == f"{folder.FORMAT}\n"


def test_a_folder_of_before_the_version_was_written_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "bigquery").mkdir()

    assert folder.made(tmp_path) == tmp_path


def a_file(place: Path) -> Path:
    place.write_text("mine")
    return place


def of_version(place: Path, text: str) -> Path:
    place.mkdir()
    (place / "version").write_text(text)
    return place


def linked_to_nothing(place: Path) -> Path:
    place.symlink_to(place.with_name("nothing"))
    return place


REFUSED = {
    "a file": (a_file, "not a folder"),
    "below a file": (lambda place: a_file(place) / "below", "not a folder"),
    "a link to nothing": (linked_to_nothing, "not a folder"),
    "where nothing can be made": (lambda _: Path("/proc/nowhere/data"), "cannot be made"),
    "where nothing can be written": (lambda _: Path("/proc"), "cannot be (written|made)"),
    "too long a name": (lambda place: place / ("x" * 300), "File name too long"),
    "of a newer version": (lambda place: of_version(place, "7000\n"), "a newer version"),
    "of an older version": (lambda place: of_version(place, "0"), "an older version"),
    "of no version": (lambda place: of_version(place, "\x00\xff"), "is damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    prepare, said = REFUSED[name]
    data = prepare(tmp_path / "data")

    with pytest.raises(FolderError, match=said) as refused:
        folder.made(data)

    assert "\n" not in str(refused.value)
    assert "Errno" not in str(refused.value)


def test_a_full_disk_is_said_with_what_is_left(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"is full: \d+ MiB are free. Make room"):
        folder.require_room(tmp_path, mib=2**40)

    folder.require_room(tmp_path, mib=0)


def test_the_second_waits_until_the_first_is_ready(tmp_path: Path) -> None:
    with another_owner(tmp_path) as first, ThreadPoolExecutor(1) as threads:
        told: list[str] = []
        second = threads.submit(own, tmp_path, told)
        assert not folder.is_ready(tmp_path)

        say(first)

        assert second.result(30) is False
        assert told == ["another command uses this folder: waiting for it"] * len(told)


@pytest.mark.parametrize("ready", [False, True])
def test_the_second_owns_the_folder_once_the_first_is_killed(tmp_path: Path, ready: bool) -> None:
    with another_owner(tmp_path) as first:
        if ready:
            say(first)
            assert said_by(first) == "ready\n"
            assert own(tmp_path, []) is False

        first.kill()
        first.wait()

        assert not folder.is_ready(tmp_path)
        assert not folder.wait_until_ready(tmp_path)
        assert own(tmp_path, []) is True


def own(data: Path, told: list[str]) -> bool:
    with folder.owned(data, progress=told.append) as mine:
        return mine


def test_a_folder_is_made_for_its_user_alone(tmp_path: Path) -> None:
    data = folder.made(tmp_path / "data")

    assert data.stat().st_mode & 0o077 == 0


def test_what_a_server_writes_is_its_user_s_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()", str(tmp_path / "table")]
    server = processes.start("writer", command, log_folder=tmp_path)
    server.process.wait(60)
    server.stop()

    assert (tmp_path / "table").stat().st_mode & 0o077 == 0
