"""The data folder: made, looked at before it is used, and whose it is at the moment.

One process at a time owns a folder: it holds a lock on `lock`. While its pipeline is ready it holds another on `ready`,
so that nobody takes what a killed run left there for a pipeline that runs.
"""

import fcntl
import itertools
import os
import pwd
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.processes import ServerError

FORMAT = 1
"""What this version writes; a folder without a number is of a version that wrote the same."""
ROOM_TO_START_MIB = 64
ROOM_TO_GO_ON_MIB = 16

_POLL_S = 0.1
_umask = threading.RLock()  # it is the process's: threads that change it at once would leave each other's

type Progress = Callable[[str], None]


class FolderError(ServerError):
    """The data folder cannot be used; the message says why, and what to do."""


def made(data: Path) -> Path:
    """The folder for a run, made where it is missing.

    Raises:
        FolderError: when it is none, cannot be written, has no room, or is another user's or another version's.
    """
    _require_nameable(data)
    _make(data)
    require_own(data)
    _require_writable(data)
    require_room(data, ROOM_TO_START_MIB)
    return found(data)


def found(data: Path) -> Path:
    """The folder that is there, to be read.

    Raises:
        FolderError: when it cannot be written, which its server has to, is another user's or another version's.
    """
    _require_nameable(data)
    require_own(data)
    _require_writable(data)
    _require_own_within(data)
    _require_format(data)
    return data.resolve()


@contextmanager
def private() -> Iterator[None]:
    """In the block, what this process makes is its user's alone, whoever may enter the folder that it is made in.

    It holds for the process: what a user asks for by name, a report or an export, is written outside of it.
    """
    with _umask:
        before = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(before)


def _require_nameable(data: Path) -> None:
    if "'" in os.path.realpath(data):
        raise FolderError(f"{data}: the local BigQuery takes no path with an apostrophe: give another with --data")


def _make(data: Path) -> None:
    try:
        data.mkdir(0o700, parents=True, exist_ok=True)  # what the ads say, and their messages, is nobody else's
    except (FileExistsError, NotADirectoryError):
        raise _no_folder(data) from None
    except OSError as error:
        raise FolderError(f"the folder {data} cannot be made ({error.strerror}): give another with --data") from None


def _no_folder(data: Path) -> FolderError:
    return FolderError(f"{data} is not a folder: give one, or a new name for one, with --data")


def _require_writable(data: Path) -> None:
    try:
        with private():
            (data / "lock").open("a").close()
    except OSError as error:
        raise FolderError(
            f"the folder {data} cannot be written ({error.strerror}): make it writable, or give another with --data"
        ) from None


def require_own(data: Path) -> None:
    """Returns where the folder is this user's, or there is none: whoever has it may put anything in the place of what
    a run keeps there, and of what a shell reads.

    Root's are let through, who needs no folder for that; to root all are.

    Raises:
        FolderError: where it is another user's, is no folder, or cannot be looked at.
    """
    try:
        known = data.stat()
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise _no_folder(data) from None
    except OSError as error:
        raise FolderError(f"the folder {data} cannot be used ({error.strerror}): give another with --data") from None
    if not stat.S_ISDIR(known.st_mode):
        raise _no_folder(data)
    owner = known.st_uid
    if os.geteuid() not in (0, owner) and owner != 0:
        raise FolderError(f"the folder {data} is another user's ({_name(owner)}): give one of your own with --data")


def _require_own_within(data: Path) -> None:
    """What is kept there has to be usable, as far as two levels show: a run by another user leaves what is not."""
    effective = os.access in os.supports_effective_ids
    for each in itertools.chain(data.glob("*"), data.glob("*/*")):
        mode = os.R_OK | os.W_OK | (os.X_OK if each.is_dir() else 0)
        if not os.access(each, mode, effective_ids=effective) and each.exists():
            raise FolderError(
                f"{each} is {_name(each.lstat().st_uid)}'s, and you may not read and write it. Where a command run as "
                f"another user (sudo) has left it: `sudo chown -R $(id -un) {data}`. Or give another folder with --data"
            )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def require_room(data: Path, mib: int = ROOM_TO_GO_ON_MIB) -> None:
    """Returns where the disk has that much room.

    Raises:
        FolderError: where it has less.
    """
    fault = full(data, mib)
    if fault:
        raise fault


def full(data: Path, mib: int = ROOM_TO_GO_ON_MIB) -> FolderError | None:
    """The fault that explains others: the folder's disk has less room than that. None where it has, or is not there."""
    try:
        free_mib = shutil.disk_usage(data).free // 2**20
    except OSError:
        return None
    if free_mib >= mib:
        return None
    return FolderError(
        f"the disk of {data} is full: {free_mib} MiB are free. Make room and run the command again: it goes on "
        "where it stopped. Or give a folder on another disk with --data"
    )


def _require_format(data: Path) -> None:
    file = data / "version"
    known = file.read_text(errors="replace").strip() if file.exists() else str(FORMAT)
    if not (known.isascii() and known.isdecimal()):
        raise FolderError(f"{file} is damaged: it should hold the number {FORMAT} or that of another version")
    if int(known) != FORMAT:
        made_by = "a newer" if int(known) > FORMAT else "an older"
        raise FolderError(
            f"{data} was written by {made_by} version of this program (format {known}, this one has {FORMAT}): use "
            "that version, or give another folder with --data"
        )
    if not file.exists():
        with private():
            file.write_text(f"{FORMAT}\n")


@contextmanager
def owned(data: Path, *, progress: Progress) -> Iterator[bool]:
    """While in the block the folder is this process's own (True), or that of another whose pipeline is ready (False).

    Waits while another process starts a pipeline, or only reads.
    """
    with (data / "lock").open("a") as lock:
        told = False
        while not (own := _acquired(lock, fcntl.LOCK_EX)) and not is_ready(data):
            if not told:
                progress("another command uses this folder: waiting for it")
                told = True
            time.sleep(_POLL_S)
        yield own


@contextmanager
def ready(data: Path) -> Iterator[None]:
    """While in the block, others find the pipeline of this process, the folder's owner."""
    file = data / "ready"
    with private():
        lock = file.open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def is_ready(data: Path) -> bool:
    """Whether another process's pipeline is ready on the folder."""
    return _is_locked(data / "ready")


def wait_until_ready(data: Path) -> bool:
    """Whether a pipeline is ready on the folder, at once or once whoever owns it is."""
    while not is_ready(data):
        if not _is_locked(data / "lock"):
            return is_ready(data)
        time.sleep(_POLL_S)
    return True


def _is_locked(file: Path) -> bool:
    """Whether another process holds the file's lock; asking does not keep anybody from taking it."""
    try:
        with file.open() as lock:
            return not _acquired(lock, fcntl.LOCK_SH)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _acquired(lock: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
