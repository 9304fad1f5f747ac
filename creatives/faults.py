"""Faults that are nobody's bug (a disk, a network, a permission), as a sentence that says what happened to what."""

import errno

from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from requests import RequestException

from local.processes import ServerError
from shared.settings import SettingsError

KNOWN = (ServerError, SettingsError, GoogleAPIError, GoogleAuthError, RequestException, OSError)

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


def sentence(fault: Exception) -> str:
    """What happened to what, and what to do where that is known."""
    if isinstance(fault, OSError) and not isinstance(fault, RequestException):
        return _of_the_system(fault)
    if isinstance(fault, GoogleAPICallError):
        return f"{type(fault).__name__}: {fault.message}"
    return str(fault) or type(fault).__name__


def _of_the_system(fault: OSError) -> str:
    what = _ADVICE.get(fault.errno or 0) or fault.strerror or str(fault) or type(fault).__name__
    return f"{fault.filename}: {what}" if fault.filename else what
