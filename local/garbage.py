"""How often Python looks for garbage that refers to itself: seldom, in processes that import much and keep it.

By default after each 2,000 objects made, which is a quarter of what importing a server takes; what a process forgets
otherwise, without looking, stays as it is.
"""

import gc

_OBJECTS = 50_000
"""Between two looks; some megabytes at most."""


def collect_seldom() -> None:
    """Called before the imports that take long."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
