"""Files that are written and left to the operating system: a killed process loses nothing, a power cut may lose the
last moments, as of what waits in Pub/Sub (pubsub/store.py).

fake-gcs-server waits for the disk twice an upload, and has no option for that; whoever wants another object waits, too.
So the kernel is asked to answer such calls without doing anything, as `systemd-nspawn --suppress-sync` does.
"""

import ctypes
import platform
import sys

# linux/audit.h, and the numbers of fsync and fdatasync
_MACHINES = {"x86_64": (0xC000003E, 74, 75), "aarch64": (0xC00000B7, 82, 83)}

# linux/prctl.h, linux/seccomp.h
_SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 22, 38
_FILTER = 2
_ALLOWED = 0x7FFF0000
_ANSWERED_BY_0 = 0x00050000
_CALL_AT, _MACHINE_AT = 0, 4

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("then", ctypes.c_ubyte), ("else_", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def leave_to_system() -> bool:
    """Has this thread, and the processes that it starts from now on, wait for no disk; nor can they get privileges.

    Says whether they do. Elsewhere than in Linux, or where the kernel does not allow it, they wait as ever.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    kernel, program = ctypes.CDLL(None), _program(*machine)
    if kernel.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(kernel.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program)) == 0)


def _program(machine: int, *calls: int) -> _Program:
    """What the kernel runs at each system call: these, of this machine, are answered and not made."""
    steps = [
        _Step(_LOAD, 0, 0, _MACHINE_AT),
        _Step(_JUMP_IF_EQUAL, 0, len(calls) + 1, machine),
        _Step(_LOAD, 0, 0, _CALL_AT),
        *(_Step(_JUMP_IF_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)),
        _Step(_RETURN, 0, 0, _ALLOWED),
        _Step(_RETURN, 0, 0, _ANSWERED_BY_0),
    ]
    return _Program(len(steps), (_Step * len(steps))(*steps))
