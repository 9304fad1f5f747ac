"""What refers to itself: Python frees it when it looks for such things, which is seldom where few objects hold much."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OURS = ("functions.", "shared.")


@contextmanager
def garbage() -> Iterator[list[str]]:
    """A list that holds, after the block, the kinds of objects of ours that nobody but themselves refers to."""
    found: list[str] = []
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        kinds = {type(each) for each in gc.garbage}
        found += sorted(kind.__qualname__ for kind in kinds if str(kind.__module__).startswith(OURS))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        if enabled:
            gc.enable()
