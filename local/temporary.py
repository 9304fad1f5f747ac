"""What the programs of one command put aside for a while: in a folder that is this user's alone, gone with the command.

A command that is killed cannot clear up: the next one does, for whoever holds no lock on its folder any more.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_OF_A_COMMAND = "run-"


def private(room: int = 0) -> Path | None:
    """A folder that nobody but this user may enter, the same at each call; None where there is no place for one.

    Whoever else has a folder of its name first only moves it to the next place.

    Args:
        room: how many bytes the path of a file may have in all, as that of a socket; 0 for any.
    """
    for folder in _places():
        if (not room or len(os.fsencode(folder)) < room) and _is_made_private(folder):
            return folder
    return None


def _places() -> Iterator[Path]:
    own = f"creatives-{os.geteuid()}"
    here = Path(tempfile.gettempdir())
    yield here.parent if here.name.startswith(_OF_A_COMMAND) and here.parent.name == own else here / own
    with suppress(RuntimeError):  # a user without a home
        yield Path.home() / ".cache" / own


def _is_made_private(folder: Path) -> bool:
    """Whether the folder is there, made where it was missing, is this user's, and lets nobody else in."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        folder.chmod(0o700)
    except OSError:
        return False  # a file has that name, or the disk takes none
    return True


@contextmanager
def for_this_command() -> Iterator[None]:
    """In the block, what this process and those that it starts make as temporary files is in a folder of their own."""
    parent = private()
    if parent is None:
        yield
        return
    before = os.environ.get("TMPDIR")
    with _folder(parent) as own:
        os.environ["TMPDIR"] = tempfile.tempdir = str(own)
        try:
            yield
        finally:
            tempfile.tempdir = None
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """A new folder, held by its lock; those that nobody holds any more are deleted first."""
    with ExitStack() as holding:
        with _locked(parent):
            for left in parent.glob(f"{_OF_A_COMMAND}*"):
                _delete_if_left(left)
            made = Path(tempfile.mkdtemp(prefix=_OF_A_COMMAND, dir=parent))
            holding.enter_context(_locked(made))
        holding.callback(shutil.rmtree, made, ignore_errors=True)
        yield made


@contextmanager
def _locked(folder: Path, *, at_once: bool = False) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if at_once else 0))
        yield
    finally:
        os.close(descriptor)


def _delete_if_left(folder: Path) -> None:
    try:
        with _locked(folder, at_once=True):
            shutil.rmtree(folder, ignore_errors=True)
    except (BlockingIOError, FileNotFoundError):
        return  # its command lives, or is just deleting it
