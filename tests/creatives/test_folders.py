"""Every command on every folder that cannot be used: one sentence, exit code 2, nothing started, nothing written there.

With the command's own guard of faults, in this process: what is refused is refused before any server starts.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from creatives import command
from creatives.cli import app
from tests import pictures

GROUP: Any = typer.main.get_command(app)
ALL = {name: GROUP.get_command(None, name) for name in GROUP.list_commands(None)}
VERBS = {name: verb for name, verb in ALL.items() if "data" in {option.name for option in verb.params}}
ALONE = {"estimate"}
"""Verbs that use no data folder."""


def a_file(place: Path) -> Path:
    place.write_text("mine")
    return place


def of_version(text: str) -> Callable[[Path], Path]:
    def made(place: Path) -> Path:
        (place / "bigquery").mkdir(parents=True)
        (place / "version").write_text(text)
        return place

    return made


def linked_to_itself(place: Path) -> Path:
    place.symlink_to(place)
    return place


FOLDERS: dict[str, Callable[[Path], Path]] = {
    "a file": a_file,
    "below a file": lambda place: a_file(place) / "data",
    "a link to itself": linked_to_itself,
    "too long a name": lambda place: place / ("x" * 300),
    "where nothing can be made": lambda _: Path("/proc/nowhere/data"),
    "a newer version's": of_version("99\n"),
    "an older version's": of_version("0"),
    "of a damaged version": of_version("\x01\xff"),
}


@pytest.fixture(scope="module", params=["ro,size=1m", "size=1m"])
def small_disk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system that is read-only, and one that is full."""
    place = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", str(request.param), "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system, and only on Linux")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_every_command_but_those_that_use_none_takes_a_folder() -> None:
    assert set(ALL) - set(VERBS) == ALONE


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_that_cannot_be_used_is_a_sentence(
    verb: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = FOLDERS[folder](tmp_path / "data")

    assert refused(verb, data, tmp_path, monkeypatch, capsys)
    assert not list(tmp_path.rglob("*.log"))


@pytest.mark.parametrize("verb", VERBS)
def test_a_disk_that_takes_nothing_is_a_sentence(
    verb: str, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(verb, small_disk, tmp_path, monkeypatch, capsys)
    assert refused(verb, small_disk / "data", tmp_path, monkeypatch, capsys)


def refused(
    verb: str, data: Path, beside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What the command says as it ends with 2: a single sentence, which is all that it may say of the fault."""
    picture = beside / "ad.png"
    picture.write_bytes(pictures.encode(pictures.draw(16, 16, seed=1), "PNG"))
    words = [str(picture) for each in VERBS[verb].params if each.param_type_name == "argument" and each.required]
    monkeypatch.setattr(sys, "argv", ["creatives", verb, *words, "--data", str(data)])

    with pytest.raises(SystemExit) as ended:
        command.main()

    said = capsys.readouterr()
    [sentence] = [line for line in said.err.splitlines() if line.startswith("creatives: ")]
    assert ended.value.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert '{"' not in said.err
    return sentence


def test_what_is_refused_is_what_was_asked() -> None:
    """A verb that took its words wrong would end with 2 as well."""
    said = CliRunner().invoke(app, ["split", "--data", "x"])

    assert "Usage" in said.stderr
    assert not said.stderr.startswith("creatives: ")
