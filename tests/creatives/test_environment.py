"""`.env` in the working folder."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creatives import cli, environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("GEMINI_MODEL", "EXTRACTOR", "DAILY_BUDGET_USD", "LD_PRELOAD"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path


def test_what_the_file_has_is_taken_unless_the_environment_has_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_MODEL", "mine")
    (folder / ".env").write_text("GEMINI_MODEL=theirs\nexport EXTRACTOR='offline' # for now\nLD_PRELOAD=x\n")

    taken = environment.read()

    assert taken == ["EXTRACTOR"]
    assert (os.environ["GEMINI_MODEL"], os.environ["EXTRACTOR"]) == ("mine", "offline")
    assert "LD_PRELOAD" not in os.environ


def test_a_command_says_that_it_is_read_and_no_value(folder: Path) -> None:
    (folder / ".env").write_text("GEMINI_MODEL=secret-model\n")

    said = CliRunner().invoke(cli.app, ["estimate", "nowhere"])

    assert ".env is read: GEMINI_MODEL" in said.output
    assert "secret-model" not in said.output


def test_a_file_that_is_no_text_is_told_in_a_sentence(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xff\xfe\x00")

    said = CliRunner().invoke(cli.app, ["estimate", "nowhere"])

    assert said.exit_code == 2
    assert ".env cannot be read" in said.output
