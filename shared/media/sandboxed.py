"""The child process of `sandbox.py`: limits itself, then decodes one file after the other until its pipe ends.

Run as `python -m shared.media.sandboxed PIPE_FD MEMORY_MIB`; never imported.
"""

import json
import pkgutil
import resource
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from shared.media.sandbox import DONE, FAILED, RANGE, READ, REJECTED, Source
from shared.reasons import Reason, Rejected

_OPENCV_LACKS_MEMORY = -4
"""StsNoMem in OpenCV's error codes (core/base.hpp). It is not imported for that: not each decoder needs it."""

_LIBRARIES_MIB = 512  # address space that code and read-only files take, beside the memory that is written


@dataclass(frozen=True)
class _Remote:
    """A file in the parent process."""

    pipe: Connection
    size: int

    def read_range(self, offset: int, size: int, /) -> bytes:
        self.pipe.send_bytes(READ + RANGE.pack(offset, size))
        return self.pipe.recv_bytes()


def main(pipe_fd: int, memory_mib: int) -> None:
    """Serves the parent process."""
    _limit_memory(memory_mib)
    warnings.simplefilter("ignore")  # what decoders warn of hostile files is of no use to anybody
    pipe = Connection(pipe_fd)
    while True:
        try:
            decoder, size, options, cpu_s = pipe.recv()
        except EOFError:
            return
        _limit_time(cpu_s)
        pipe.send_bytes(_message(pkgutil.resolve_name(decoder), _Remote(pipe, size), options))


def _message(decode: Callable[..., bytes], source: Source, options: dict[str, object]) -> bytes:
    try:
        return DONE + decode(source, **options)
    except Exception as error:  # noqa: BLE001 - raised again in the parent, with its traceback
        if isinstance(error, Rejected) and (error.reason is Reason.TOO_COMPLEX or not _lacks_memory(error)):
            return _rejected(error.reason, error.detail)
        if _lacks_memory(error):
            return _rejected(Reason.TOO_COMPLEX, "decoding it takes more memory than the limit")
        return FAILED + traceback.format_exc(limit=8).encode()


def _rejected(reason: Reason, detail: str) -> bytes:
    return REJECTED + json.dumps([reason, detail]).encode()


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether memory was lacking, whatever a decoder took that for: OpenCV has an error of its own for it."""
    while error is not None:
        of_opencv = type(error).__module__ == "cv2" and getattr(error, "code", None) == _OPENCV_LACKS_MEMORY
        if of_opencv or isinstance(error, MemoryError):
            return True
        error = error.__cause__
    return False


def _limit_memory(memory_mib: int) -> None:
    """Linux keeps both limits; macOS refuses them, and a developer's machine there goes without."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        for limit, mib in ((resource.RLIMIT_DATA, memory_mib), (resource.RLIMIT_AS, memory_mib + _LIBRARIES_MIB)):
            resource.setrlimit(limit, (mib * 2**20, mib * 2**20))


def _limit_time(cpu_s: int) -> None:
    """The limit counts from the process's start, so that each file moves it on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + cpu_s, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
