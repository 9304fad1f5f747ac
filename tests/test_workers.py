"""How tests run in several processes: each time a run of pytest on a folder with two files of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.wiring import ROOT

pytestmark = pytest.mark.slow

CONFTEST = """
import os, time
from pathlib import Path
import pytest

SEEN = Path(__file__).parent

@pytest.fixture(scope="session")
def started():
    yield
    (SEEN / f"ended.{os.getpid()}").touch()

@pytest.fixture
def meet():
    def meet(own, other):
        (SEEN / own).write_text(str(os.getpid()))
        until = time.monotonic() + 60
        while not (SEEN / other).exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert (SEEN / other).exists()
    return meet
"""

ONE = """
import os
from pathlib import Path

def test_that_holds(started, meet, tmp_path):
    print("said by the first")
    meet("one", "other")

def test_that_is_in_the_process_of_its_file():
    assert str(os.getpid()) == Path("one").read_text() != Path("other").read_text()
"""

OTHER = """
import os, sys

KEPT = sys.stderr

def test_that_fails(started, meet, tmp_path):
    print("said by the second")
    print("said to what was kept", file=KEPT)
    os.system("echo said by a command")
    meet("other", "one")
    raise ValueError("as it should")

def test_after_it():
    pass
"""

DEAD = """
import os, signal

def test_that_ends_its_process():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(folder: Path, files: dict[str, str], *options: str) -> tuple[int, str]:
    """Its exit code and what it prints."""
    for name, text in {**files, "pytest.ini": "[pytest]"}.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.workers", "--workers", "2", f"--basetemp={folder / 't'}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run([*command, *options], cwd=folder, env=environment, capture_output=True, text=True)
    return ended.returncode, ended.stdout + ended.stderr


def test_files_run_beside_one_another_and_what_became_of_each_test_is_told(tmp_path: Path) -> None:
    code, said = run(tmp_path, {"conftest.py": CONFTEST, "test_one.py": ONE, "test_other.py": OTHER})

    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "1 failed, 3 passed" in said
    assert "ValueError: as it should" in said
    assert "said by the second" in said
    assert "said to what was kept" in said
    assert "said by a command" in said
    assert "said by the first" not in said
    processes = {(tmp_path / name).read_text() for name in ("one", "other")}
    assert {file.suffix[1:] for file in tmp_path.glob("ended.*")} == processes
    assert {file.name for file in (tmp_path / "t").glob("*/test_*0")} == {"test_that_holds0", "test_that_fails0"}


def test_a_process_that_ends_before_its_tests_fails_the_run(tmp_path: Path) -> None:
    code, said = run(tmp_path, {"test_dead.py": DEAD, "test_two.py": "def test_two(): pass"})

    assert code == pytest.ExitCode.INTERNAL_ERROR, said
    assert "a worker has ended before its tests" in said


def test_it_ends_with_the_first_that_fails_where_that_is_enough(tmp_path: Path) -> None:
    waiting = ONE.replace('meet("one", "other")', 'meet("one", "other"); import time; time.sleep(600)')
    files = {"conftest.py": CONFTEST, "test_one.py": waiting, "test_other.py": OTHER}

    code, said = run(tmp_path, files, "--exitfirst")

    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "stopping after 1 failures" in said
    assert len([*tmp_path.glob("ended.*")]) == 2


def test_what_cannot_be_collected_fails_the_run(tmp_path: Path) -> None:
    code, said = run(tmp_path, {"test_one.py": "import nothing_of_this_name", "test_two.py": "def test_two(): pass"})

    assert code == pytest.ExitCode.INTERRUPTED, said
    assert "nothing_of_this_name" in said
