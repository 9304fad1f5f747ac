"""How a server of this machine ends: at once, when its work is done and kept.

Python would first take apart all that it has loaded and collected, piece by piece, for a second or more of a command
that somebody waits for; the operating system takes it back at once.
"""

import logging
import os
import sys
from typing import NoReturn


def end(code: int) -> NoReturn:
    """Ends this process with a code, with nothing left to be said."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
