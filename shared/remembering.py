"""What an instance has found of the last things that it looked at: ads bring the same again and again.

Forgotten with the instance: who does not remember looks once more. So it is for what follows from a thing alone.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Remembered[Found]:
    """What was found of the last `most` things, as far as it is small enough; requests come at the same time."""

    def __init__(self, most: int, is_small: Callable[[Found], bool] = lambda _: True) -> None:
        self._most = most
        self._is_small = is_small
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, Found] = OrderedDict()

    def of(self, thing: Hashable, find: Callable[[], Found]) -> Found:
        """What is known of a thing, or what `find` finds; what it raises is not remembered."""
        known = self.known(thing)
        return self.keep(thing, find()) if known is None else known

    def known(self, thing: Hashable) -> Found | None:
        """What is known of a thing."""
        with self._lock:
            if thing in self._found:
                self._found.move_to_end(thing)
            return self._found.get(thing)

    def keep(self, thing: Hashable, found: Found) -> Found:
        """What was found of a thing, which is remembered where it is small enough."""
        if self._is_small(found):
            with self._lock:
                self._found[thing] = found
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        return found
