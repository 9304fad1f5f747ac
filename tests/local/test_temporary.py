"""Temporary files: in a folder that is this user's alone, and gone after a command, however it ended."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import doors, temporary
from local.processes import ServerError
from shared import wiring

# Says where it puts temporary files, and waits for its end.
COMMAND = """
import tempfile
from local import temporary
with temporary.for_this_command():
    made = tempfile.mkdtemp()
    print(made, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this process makes temporary files, with a short path, and its user's home within."""
    with tempfile.TemporaryDirectory() as made:
        monkeypatch.setenv("TMPDIR", made)
        monkeypatch.setenv("HOME", str(Path(made) / "home"))
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(made)


def own(place: Path) -> Path:
    return place / f"creatives-{os.geteuid()}"


def test_a_command_has_a_folder_of_its_own_which_goes_with_it(place: Path) -> None:
    with temporary.for_this_command():
        file = Path(tempfile.mkdtemp())
        assert file.parent.parent == own(place)
        assert stat.S_IMODE(own(place).stat().st_mode) == 0o700
        assert temporary.private() == own(place)  # and not one within it
        assert os.environ["TMPDIR"] == str(file.parent)

    assert list(own(place).iterdir()) == []
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(place)


def test_the_next_command_clears_up_after_one_that_was_killed_and_not_after_one_that_lives(place: Path) -> None:
    commands = []
    for _ in range(2):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen([sys.executable, "-c", COMMAND], cwd=wiring.ROOT, **pipes)  # type: ignore[call-overload]
        commands.append((process, Path(process.stdout.readline().strip())))
    (killed, left), (living, used) = commands
    with killed, living:
        killed.kill()
        killed.wait()
        assert left.exists()

        with temporary.for_this_command():
            assert not left.parent.exists()
            assert used.exists()

        living.communicate("\n")
    assert list(own(place).iterdir()) == []


def a_file(place: Path) -> None:
    place.write_text("first")


def a_link(place: Path) -> None:
    place.symlink_to(place.parent)


def another_users(place: Path) -> None:
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may give a folder away")
    os.chown(place, 65534, 65534)


@pytest.mark.parametrize("squat", [a_file, a_link, another_users])
def test_whoever_was_there_first_only_moves_it(place: Path, squat: Callable[[Path], None]) -> None:
    squat(own(place))

    assert temporary.private() == place / "home" / ".cache" / own(place).name
    assert doors.socket_path(place, "bigquery").parent == temporary.private()


def test_one_of_ours_that_was_open_is_closed(place: Path) -> None:
    own(place).mkdir(mode=0o777)
    own(place).chmod(0o777)

    assert temporary.private() == own(place)
    assert stat.S_IMODE(own(place).stat().st_mode) == 0o700


def test_without_any_place_commands_work_and_servers_say_what_they_need(place: Path) -> None:
    for each in (own(place), place / "home"):
        each.write_text("no folder")

    with temporary.for_this_command():
        assert tempfile.gettempdir() == str(place)
    with pytest.raises(ServerError, match="set TMPDIR to a folder of yours"):
        doors.socket_path(place, "bigquery")


def test_a_socket_s_path_is_never_too_long(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = place / ("a" * 90)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setenv("HOME", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)

    with pytest.raises(ServerError, match="a short path"):
        doors.socket_path(place, "bigquery")
