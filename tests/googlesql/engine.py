"""Google's own GoogleSQL in this process: the analyzer and the reference evaluator that `google/zetasql` publishes.

PyPI `zetasql` holds them as WebAssembly, which `wasmtime` compiles to machine code: 40 s of processor time, once. The
code is kept for later runs (tests/kept.py) and found again in half a second. The package's own Python around it copies
memory byte by byte; `Engine` does not go through that.
"""

import ctypes
import hashlib
import platform
import sys
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from typing import Any, Protocol, Self

import pytest

from tests import kept

_POINTER_BYTES = 4

MOST_TOLD = 3000
"""Answers of some kB: a gate asks for 500, each time the same but for what was changed."""


class GoogleSqlError(Exception):
    """What the analyzer or the evaluator says of a statement, in its own words."""


class Message(Protocol):
    """A protobuf message of the service."""

    def SerializeToString(self, *, deterministic: bool = False) -> bytes:  # noqa: N802 - protobuf's own name
        """The message in bytes."""

    @classmethod
    def FromString(cls, data: bytes) -> Self:  # noqa: N802 - protobuf's own name
        """The message of these bytes."""


def is_required() -> bool:
    """Whether this machine has to have it: there is a wheel of wasmtime for it, and this is where the gate is run."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def started() -> "Engine":
    """The engine of this process. Where nobody has built wasmtime the test that asks is skipped, and says why.

    Raises:
        ImportError, OSError, RuntimeError: on the platform of the gate, where it has to be there.
    """
    try:
        return Engine()
    except (ImportError, OSError, RuntimeError) as error:
        if is_required():
            raise
        pytest.skip(f"no statement was checked by Google's analyzer: wasmtime does not run on this platform ({error})")


class Engine:
    """google/zetasql's local service, in a sandbox.

    Raises:
        ImportError, OSError, RuntimeError: where wasmtime has no build for this platform.
    """

    def __init__(self) -> None:
        import wasmtime  # noqa: F401 - here it is told that there is no build

    def call[Answer: Message](self, method: str, request: Message, answer: type[Answer]) -> Answer:
        """One call of the service, which starts with the first: .7 s of processor time, where all was told before.

        Raises:
            GoogleSqlError: with the service's own message.
        """
        return answer.FromString(self._service.called(method, request.SerializeToString()))

    @cached_property
    def _service(self) -> "_Service":
        return _Service()


class _Service:
    """What runs in the sandbox."""

    def __init__(self) -> None:
        from wasmtime import Linker, Store, WasiConfig
        from zetasql.core.wasm_client import get_tzinfo_dir

        engine, module = _compiled()
        wasi = WasiConfig()
        wasi.preopen_dir(str(get_tzinfo_dir()), "/usr/share/zoneinfo")
        self._store = Store(engine)
        self._store.set_wasi(wasi)
        linker = Linker(engine)
        linker.define_wasi()
        exports: Any = linker.instantiate(self._store, module).exports(self._store)
        exports["_initialize"](self._store)
        self._exports = exports
        # Shared memory never moves, so that its address holds for as long as the store does.
        self._base = ctypes.addressof(exports["memory"].data_ptr().contents)

    def called(self, method: str, data: bytes) -> bytes:
        """The answer of a method to a request."""
        at, size_at = self._allocate(max(1, len(data))), self._allocate(_POINTER_BYTES)
        ctypes.memmove(self._base + at, data, len(data))
        try:
            found = self._exports[f"ZetaSqlLocalService_{method}"](self._store, at, len(data), size_at)
            if not found:
                raise GoogleSqlError(self._last_error())
            size = int.from_bytes(self._read(size_at, _POINTER_BYTES), "little")
            content = self._read(found, size)
            self._free(found)
        finally:
            self._free(at)
            self._free(size_at)
        return content

    def _last_error(self) -> str:
        size = self._exports["wasm_get_last_error_size"](self._store)
        text = self._read(self._exports["wasm_get_last_error"](self._store), size).decode()
        return text.partition("Message: ")[2] or text

    def _allocate(self, size: int) -> int:
        return int(self._exports["wasm_malloc"](self._store, size))

    def _free(self, at: int) -> None:
        self._exports["wasm_free"](self._store, at)

    def _read(self, at: int, size: int) -> bytes:
        return ctypes.string_at(self._base + at, size)


def told[Answer: Message](ask: Callable[[], Answer], answer: type[Answer], *asked: Message) -> Answer:
    """What the engine answers to messages of which it tells the same each time: asked once, and kept for later runs.

    Raises:
        GoogleSqlError: as `ask` does, each time: faults are not kept.
    """
    digest = hashlib.sha256(f"{versions()} {answer.__name__}".encode())
    for each in asked:
        digest.update(hashlib.sha256(each.SerializeToString(deterministic=True)).digest())
    return answer.FromString(
        kept.remembered("told", digest.hexdigest(), lambda: ask().SerializeToString(), most=MOST_TOLD)
    )


def versions() -> str:
    """Names the engine: what it says may be kept by it."""
    return f"{version('zetasql')}-{version('wasmtime')}-{sys.platform}-{platform.machine()}"


def _compiled() -> tuple[Any, Any]:
    """wasmtime's engine and the machine code; compiled by one process, whoever else asks meanwhile waits for it."""
    from wasmtime import Config, Module
    from wasmtime import Engine as Wasmtime
    from zetasql.wasi import get_wasm_path

    config = Config()
    config.shared_memory = True
    engine = Wasmtime(config)
    wasm = str(get_wasm_path())
    made = kept.made_once(
        "googlesql", f"{versions()}.cwasm", lambda: bytes(Module.from_file(engine, wasm).serialize()), most=1
    )
    return engine, Module.deserialize_file(engine, str(made))
