"""Where there is no build of the engine, the tests say so; where the gate is run, they fail."""

import platform
import sys

import pytest

from tests.googlesql import engine


@pytest.fixture
def without_wasmtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasmtime", None)


@pytest.mark.usefixtures("without_wasmtime")
def test_where_the_gate_is_run_the_engine_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")

    with pytest.raises(ImportError, match="wasmtime"):
        engine.started()


@pytest.mark.usefixtures("without_wasmtime")
def test_elsewhere_it_is_said_that_nothing_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(pytest.skip.Exception, match="no statement was checked"):
        engine.started()
