"""After a run that was killed: the leases of its work (shared/idempotency.py) are given up.

Whoever held them has ended, which only here is known for sure; they would hold the next run up until they expire.
"""

from pathlib import Path

from shared import idempotency

_MOST_BYTES = 256  # of a lease; answers that are as short are opened too


def release(bucket: Path) -> int:
    """Removes the leases among a bucket's objects, given as its folder, while no server serves it; says how many."""
    held = [file for file in bucket.rglob("*") if file.is_file() and _is_lease(file)]
    for file in held:
        file.unlink()
    return len(held)


def _is_lease(file: Path) -> bool:
    return file.stat().st_size <= _MOST_BYTES and idempotency.is_lease(file.read_bytes())
