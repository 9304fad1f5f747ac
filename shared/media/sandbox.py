"""Runs decoders of hostile files in child processes, bounded in memory and in processor time.

Why processes: a decoder is C code that a thread cannot interrupt, and its faults end the process they happen in, with
the other requests in it. A header check bounds what an honest file takes; a progressive JPEG of 300,000 empty scans
or a video of recursive atoms passes every header check. Here the kernel stops them: RLIMIT_DATA and RLIMIT_AS for
memory, RLIMIT_CPU for time. Processor time, not the clock, decides about a file, so that a busy machine rejects none.

Why they are kept: starting one takes a third of a second, handing it a picture less than a millisecond. What a child
reads of a file it asks this process for, range by range.
"""

import atexit
import contextlib
import json
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import Pipe
from os import environ, process_cpu_count
from pathlib import Path
from typing import Protocol

from shared.reasons import Reason, Rejected

READ, DONE, REJECTED, FAILED = b"?", b"=", b"x", b"!"
"""First byte of a child's message: it wants a range, has a result, rejects the file, or met a fault of our own."""

RANGE = struct.Struct("<QQ")
"""Offset and size, in bytes."""

ROOT = Path(__file__).resolve().parents[2]
_KILLED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)


class Source(Protocol):
    """What a decoder may read."""

    @property
    def size(self) -> int:
        """In bytes."""

    def read_range(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes from `offset`; fewer, or none, where the file ends."""


@dataclass(frozen=True)
class InMemory:
    """A file that has been read whole."""

    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)

    def read_range(self, offset: int, size: int, /) -> bytes:
        """A part of the content."""
        return self.content[offset : offset + size]


@dataclass(frozen=True)
class InFile:
    """A file of this machine, of which no more is read than is asked for."""

    path: Path
    size: int

    def read_range(self, offset: int, size: int, /) -> bytes:
        """A part of what is in it."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(size)


@dataclass(frozen=True)
class Joined:
    """Two files as one, for a decoder that looks at both: the first, then the other."""

    first: Source
    second: Source

    @property
    def size(self) -> int:
        """In bytes."""
        return self.first.size + self.second.size

    def read_range(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes of one of them."""
        if offset < self.first.size:
            return self.first.read_range(offset, min(size, self.first.size - offset))
        return self.second.read_range(offset - self.first.size, size)


@dataclass(frozen=True)
class Part:
    """One of the files in a `Joined`."""

    whole: Source
    start: int
    size: int

    def read_range(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes of this one."""
        return self.whole.read_range(self.start + offset, max(0, min(size, self.size - offset)))

    def read(self) -> bytes:
        """All of it."""
        return self.read_range(0, self.size)


def parts(joined: Source, first_bytes: int) -> tuple[Part, Part]:
    """The two files of a `Joined`, of which the first has so many bytes."""
    return Part(joined, 0, first_bytes), Part(joined, first_bytes, joined.size - first_bytes)


@dataclass(frozen=True)
class Limits:
    """What one file may take.

    Attributes:
        memory_mib: memory that the child may map to write in, its own 60 MiB included.
        cpu_s: processor seconds, of all its threads together.
        clock_s: seconds by the clock, after which the message is tried again: no verdict on the file.
    """

    memory_mib: int
    cpu_s: int
    clock_s: float


class ChildLostError(Exception):
    """A child process ended or stalled for a reason that need not be the file's: the message is delivered again."""


class _LimitReached(Rejected):
    """A child needed more than the limits, or crashed."""


class Sandbox:
    """Child processes for one kind of decoding: as many as there are processors, each started when first needed."""

    def __init__(self, limits: Limits, *, broken: Reason, most: int | None = None) -> None:
        """`broken` is the reason for a file at which the decoder crashes; `most` bounds the children, and so memory."""
        self._limits = limits
        self._broken = broken
        self._slots = threading.BoundedSemaphore(min(most or 64, process_cpu_count() or 1))
        self._idle: list[_Child] = []
        atexit.register(self.close)

    def run(
        self, decoder: str, source: Source, options: Mapping[str, object], *, broken: Reason | None = None
    ) -> bytes:
        """What `decoder` ("module:function") returns for `source` and `options`, run in a child.

        `broken` stands in the place of the sandbox's own reason, where it decodes files of several kinds.

        Reaching a limit counts only in a child that has decoded nothing before: what an earlier file left behind in
        memory is not this file's fault.

        Raises:
            Rejected: when the decoder rejects the file, crashes at it, or needs more than the limits.
            ChildLostError: when the child was killed from outside or stalled.
        """
        reason = broken or self._broken
        with self._slots:
            used = self._used_child()
            if used:
                with contextlib.suppress(_LimitReached):
                    return self._attempt(used, decoder, source, options, reason)
            return self._attempt(_Child(self._limits), decoder, source, options, reason)

    def close(self) -> None:
        """Ends the children that have nothing to do."""
        while child := self._used_child():
            child.end()

    def _used_child(self) -> "_Child | None":
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _attempt(
        self, child: "_Child", decoder: str, source: Source, options: Mapping[str, object], broken: Reason
    ) -> bytes:
        answered = False
        try:
            message = child.decode(decoder, source, options, broken)
            answered = _leaves_clean(message)
            return _outcome(message)
        finally:
            if answered:
                self._idle.append(child)
            else:
                child.end()


class _Child:
    """A child process and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "shared.media.sandboxed", str(theirs.fileno()), str(limits.memory_mib)],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # decoders write what they like there, parts of the file included
                # numbers of threads and arenas, not of processors, decide how much address space these two reserve
                env={**environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
            )

    def decode(self, decoder: str, source: Source, options: Mapping[str, object], broken: Reason) -> bytes:
        """What it says of one file at last; an error leaves it waiting for a range, good for nothing more."""
        deadline = time.monotonic() + self._limits.clock_s
        try:
            self._pipe.send((decoder, source.size, dict(options), self._limits.cpu_s))
            while True:
                if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
                    raise ChildLostError(f"{decoder} did not end within {self._limits.clock_s} s by the clock")
                message = self._pipe.recv_bytes()
                if message[:1] != READ:
                    return message
                self._pipe.send_bytes(source.read_range(*RANGE.unpack(message[1:])))
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise self._why_it_ended(decoder, broken) from error

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()

    def _why_it_ended(self, decoder: str, broken: Reason) -> Exception:
        code = self._process.wait(timeout=10)
        if code == -signal.SIGXCPU:
            said = f"decoding it takes more than {self._limits.cpu_s} s of processor time"
            return _LimitReached(Reason.TOO_COMPLEX, said)
        if code < 0 and code not in _KILLED_FROM_OUTSIDE:
            return _LimitReached(broken, f"the decoder crashed at it ({signal.Signals(-code).name})")
        return ChildLostError(f"the process of {decoder} ended with code {code}")


def _leaves_clean(message: bytes) -> bool:
    """Whether a child that said this can take another file: not after a fault of ours, or a filled memory."""
    return message[:1] == DONE or (message[:1] == REJECTED and _rejection(message)[0] != Reason.TOO_COMPLEX)


def _outcome(message: bytes) -> bytes:
    tag, body = message[:1], message[1:]
    if tag == DONE:
        return body
    if tag == REJECTED:
        reason, detail = _rejection(message)
        kind = _LimitReached if reason == Reason.TOO_COMPLEX else Rejected
        raise kind(reason, detail)
    raise RuntimeError(f"a fault of ours while decoding: {body.decode()}")


def _rejection(message: bytes) -> tuple[Reason, str]:
    reason, detail = json.loads(message[1:])
    return Reason(reason), detail
