"""What takes long to make: made by one process while the others wait for it, and kept for later runs.

It lies in the user's own cache and not in the checkout, so that a new clone finds it too. Whoever keeps something there
names it after all that it is made from.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = Path.home() / ".cache" / "creatives-tests"


def made_once(kind: str, name: str, make: Callable[[], bytes], *, most: int) -> Path:
    """The file of what is of this kind and has this name; `make` gives its content where nobody has made it yet.

    So many of a kind are kept, those that were made last.
    """
    found = FOLDER / f"{kind}-{name}"
    with one_at_a_time(kind):
        if not found.exists():
            unfinished = FOLDER / f"{kind}.part"
            unfinished.write_bytes(make())
            unfinished.replace(found)
            _forget_all_but(most, f"{kind}-*")
    return found


def remembered(kind: str, name: str, make: Callable[[], bytes], *, most: int) -> bytes:
    """What is small and many: `make` gives it where nobody remembers it, whatever others make meanwhile.

    So many of a kind are remembered, those that were asked for last.
    """
    found = FOLDER / f"{kind}-{name}"
    with suppress(FileNotFoundError):
        os.utime(found)
        return found.read_bytes()
    content = make()
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = FOLDER / f"{kind}.part-{os.getpid()}-{threading.get_ident()}"
    unfinished.write_bytes(content)
    unfinished.replace(found)
    _forget_all_but(most, f"{kind}-*")
    return content


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Holds off all other processes of this machine that make what is called so."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _forget_all_but(most: int, pattern: str) -> None:
    found = sorted(FOLDER.glob(pattern), key=_made_at)
    for old in found[: max(0, len(found) - most)]:
        old.unlink(missing_ok=True)


def _made_at(file: Path) -> float:
    """When, or at the beginning of time where another process has just forgotten it."""
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return 0.0
