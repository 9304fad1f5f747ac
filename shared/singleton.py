"""One of a thing for the whole instance, also where its first requests come at the same moment."""

from collections.abc import Callable
from threading import Lock


class Singleton[Thing]:
    """A function without arguments, called once: whoever asks meanwhile waits for its result.

    `functools.cache` would call it for each of those who come before the first call has ended. What fails is tried
    again by whoever comes next.
    """

    def __init__(self, make: Callable[[], Thing]) -> None:
        """`make` gives the thing. To be used as a decorator."""
        self._make = make
        self._made: list[Thing] = []
        self._lock = Lock()

    def __call__(self) -> Thing:
        """The thing, made now unless it was before."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def forget(self) -> None:
        """The next who asks has a new one made."""
        with self._lock:
            self._made.clear()
