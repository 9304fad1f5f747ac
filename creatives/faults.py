"""Faults that are nobody's bug (a disk, a network, a permission), as a sentence that says what happened to what."""

import errno
import sys

from local.processes import ServerError
from shared.settings import SettingsError

_OF_GOOGLE = (("google.api_core.exceptions", "GoogleAPIError"), ("google.auth.exceptions", "GoogleAuthError"))

_ADVICE = {
    errno.ENOSPC: "the disk is full: make room and run the command again",
    errno.EDQUOT: "your share of the disk is full: make room and run the command again",
    errno.EROFS: "it is on a disk that cannot be written: name another place",
    errno.EACCES: "it may not be read or written: change its permissions, or name another",
    errno.EPERM: "it may not be read or written: change its permissions, or name another",
    errno.ENOTDIR: "a part of its path is a file, not a folder: name another",
    errno.EISDIR: "it is a folder: name a file",
    errno.ENOENT: "there is no such file or folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many files are open: raise the limit with `ulimit -n 4096` and run the command again",
}


def known() -> tuple[type[Exception], ...]:
    """Their classes; `requests`' own are kinds of OSError. Of Google's, those that are loaded: no others are raised."""
    loaded = [getattr(sys.modules[module], name) for module, name in _OF_GOOGLE if module in sys.modules]
    return (ServerError, SettingsError, OSError, *loaded)


def sentence(fault: Exception) -> str:
    """What happened to what, and what to do where that is known."""
    if isinstance(fault, OSError):
        return _of_the_system(fault)
    if message := getattr(fault, "message", None):  # as a refused call of Google's has it
        return f"{type(fault).__name__}: {message}"
    return str(fault) or type(fault).__name__


def _of_the_system(fault: OSError) -> str:
    what = _ADVICE.get(fault.errno or 0) or fault.strerror or str(fault) or type(fault).__name__
    return f"{fault.filename}: {what}" if fault.filename else what
