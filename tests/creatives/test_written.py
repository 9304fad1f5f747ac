"""Files that commands are told to write: refused before any work where they cannot be, in their place once whole."""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer
from typer.models import OptionInfo
from typer.testing import CliRunner

from creatives import written
from creatives.cli import SUBJECTS, app

WRITTEN = {
    ("report", "--out"),
    ("export", "--out"),
    ("evaluate", "--save"),
    ("doctor", "--record"),
}
READ = {"--data", "--taxonomy", "--baseline"}  # --data is a folder that the pipeline makes for itself


def _paths(command: Callable[..., None]) -> Iterator[str]:
    """The options of a command that take a path."""
    for name, hint in get_type_hints(command, include_extras=True).items():
        taken, *said = get_args(hint) or (hint,)
        for each in said:
            if isinstance(each, OptionInfo) and Path in (taken, *get_args(taken)):
                yield next(iter(each.param_decls or ()), f"--{name}")


def test_every_option_that_takes_a_path_is_known_to_be_read_or_written() -> None:
    commands = [each for subject in SUBJECTS.values() for name in subject for each in _commands(name)]

    found = {(each.__name__, option) for each in commands for option in _paths(each)}

    assert {(verb, option) for verb, option in found if option not in READ} == WRITTEN


def _commands(subject: str) -> tuple[Callable[..., None], ...]:
    found: tuple[Callable[..., None], ...] = import_module(f"creatives.{subject}.commands").COMMANDS
    return found


@pytest.mark.parametrize(("verb", "option"), sorted(WRITTEN))
def test_no_folder_is_made_for_what_is_written(verb: str, option: str, tmp_path: Path) -> None:
    place = tmp_path / "none" / "there.csv"

    said = CliRunner().invoke(
        app, [verb, option, str(place), "--data", str(tmp_path / "data")], env={"COLUMNS": "1000"}
    )

    assert said.exit_code == 2
    assert f"there is no folder {place.parent}" in said.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("verb", "option"), sorted(WRITTEN))
def test_a_link_to_where_there_is_no_folder_is_none_either(verb: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "none" / "there.csv")

    said = CliRunner().invoke(app, [verb, option, str(tmp_path / "link.csv")], env={"COLUMNS": "1000"})

    assert said.exit_code == 2
    assert f"there is no folder {tmp_path / 'none'}" in said.stderr


@pytest.mark.parametrize(("verb", "option"), sorted(WRITTEN - {("doctor", "--record")}))
def test_a_folder_is_no_file(verb: str, option: str, tmp_path: Path) -> None:
    said = CliRunner().invoke(app, [verb, option, str(tmp_path)], env={"COLUMNS": "1000"})

    assert said.exit_code == 2
    assert f"{tmp_path} is a folder" in said.stderr


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(typer.BadParameter, match="is no folder"):
        written.folder(tmp_path / "file")


def test_a_folder_that_may_not_be_written_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write into all

    with pytest.raises(typer.BadParameter, match="nothing may be written"):
        written.file(tmp_path / "page.html")


@pytest.mark.parametrize("place", [None, written.STDOUT, Path("/dev/null"), Path("page.html")])
def test_what_can_be_written_is_taken(place: Path | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert written.file(place) is place


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file.csv", tmp_path / "link.csv"
    file.write_text("old")
    link.symlink_to(file)

    with written.opened(link) as out:
        out.write(b"new")
        assert file.read_text() == "old"

    assert link.is_symlink()
    assert file.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == [file, link]


def test_a_pipe_stays_and_is_written_into(tmp_path: Path) -> None:
    pipe, said = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: said.append(pipe.read_bytes()))
    reader.start()

    with written.opened(pipe) as out:
        out.write(b"ads")
    reader.join()

    assert said == [b"ads"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
