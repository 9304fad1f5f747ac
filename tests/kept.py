"""What takes long to make: made by one process while the others wait for it, and kept for later runs.

It lies in the user's own cache and not in the checkout, so that a new clone finds it too. Whoever keeps something there
names it after all that it is made from.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path.home() / ".cache" / "creatives-tests"


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Holds off all other processes of this machine that make what is called so."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def forget_all_but(most: int, pattern: str) -> None:
    """Deletes what is kept under names like this, but for so many that were used last."""
    found = sorted(FOLDER.glob(pattern), key=lambda file: file.stat().st_mtime)
    for old in found[: max(0, len(found) - most)]:
        old.unlink(missing_ok=True)
