"""Where there is no build of the engine, the tests say so; where the gate is run, they fail."""

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

from tests import kept
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


def answering(registered_id: int) -> Callable[[], service.RegisterResponse]:
    return lambda: service.RegisterResponse(registered_id=registered_id)


def failing() -> service.RegisterResponse:
    raise engine.GoogleSqlError("no such table")


def test_what_was_told_is_told_again_of_the_same_question_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    asked = service.AnalyzeRequest(sql_statement="SELECT 1")
    other = service.AnalyzeRequest(sql_statement="SELECT 1 ")

    told = [
        engine.told(answering(number), service.RegisterResponse, *question).registered_id
        for number, question in enumerate([(asked,), (asked,), (other,), (asked, other), (asked,)])
    ]

    assert told == [0, 0, 2, 3, 0]


def test_a_fault_is_told_each_time_and_kept_for_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    asked = service.AnalyzeRequest(sql_statement="SELECT 1")

    for _ in range(2):
        with pytest.raises(engine.GoogleSqlError, match="no such table"):
            engine.told(failing, service.RegisterResponse, asked)

    assert engine.told(answering(7), service.RegisterResponse, asked).registered_id == 7


def test_those_asked_for_last_are_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    for at, name in enumerate("abc"):
        (tmp_path / f"told-{name}").write_bytes(name.encode())
        os.utime(tmp_path / f"told-{name}", (at, at))

    assert kept.remembered("told", "a", lambda: b"anew", most=2) == b"a"
    assert kept.remembered("told", "d", lambda: b"d", most=2) == b"d"

    assert {file.name for file in tmp_path.iterdir()} == {"told-a", "told-d"}
