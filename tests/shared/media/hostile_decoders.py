"""Decoders that misbehave, for test_sandbox.py: each is run in a child process."""

import ctypes
import errno
import os
import signal
import threading

import av
import cv2
import numpy as np

from shared.media.sandbox import Source
from shared.reasons import Reason, Rejected


def echo(source: Source, *, offset: int = 0, size: int = 2**40) -> bytes:
    return source.read_range(offset, size)


def process_id(source: Source) -> bytes:
    return str(os.getpid()).encode()


def reject(source: Source) -> bytes:
    raise Rejected(Reason.TOO_LONG, "a minute over")


def fail(source: Source) -> bytes:
    return bytes(1 // source.size)


def spin(source: Source) -> bytes:
    while True:
        pass


def stall(source: Source) -> bytes:
    threading.Event().wait()
    return b""


def take_memory(source: Source, *, mib: int) -> bytes:
    return str(np.ones(mib * 2**20, np.uint8).size).encode()


def take_memory_by_opencv(source: Source) -> bytes:
    return cv2.resize(np.zeros((10, 10, 3), np.uint8), (20_000, 20_000)).tobytes()


def take_lacking_memory_for_damage(source: Source, *, whose: str) -> bytes:
    try:
        if whose == "opencv":
            return take_memory_by_opencv(source)
        if whose == "ffmpeg":
            raise av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory")
        return take_memory(source, mib=300)
    except Exception as error:
        raise Rejected(Reason.BROKEN_VIDEO, f"not readable: {error}") from error


def meet_damage(source: Source) -> bytes:
    try:
        cv2.resize(np.zeros((0, 0), np.uint8), (1, 1))
    except cv2.error as error:
        raise Rejected(Reason.BROKEN_VIDEO, "not readable") from error
    return b""


def leak_memory(source: Source, *, mib: int, kept: list[object] = []) -> bytes:  # noqa: B006 - it is to outlive the call
    kept.append(np.ones(mib * 2**20, np.uint8))
    return b"leaked"


def crash(source: Source) -> bytes:
    return ctypes.string_at(0)


def be_killed(source: Source) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""
