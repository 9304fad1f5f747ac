"""Every command on every folder that cannot be used: one sentence, exit code 2, nothing started, nothing written there.

With the command's own guard of faults, in this process: what is refused is refused before any server starts.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from creatives import command
from creatives.cli import app
from tests import pictures
from tests.cases import some_of

GROUP: Any = typer.main.get_command(app)
ALL = {name: GROUP.get_command(None, name) for name in GROUP.list_commands(None)}
VERBS = {name: verb for name, verb in ALL.items() if "data" in {option.name for option in verb.params}}
ALONE = {"estimate"}
"""Verbs that use no data folder."""


def each_verb_once(folders: Collection[str]) -> list[Any]:
    """Every verb on every folder; in the gate each verb on one of them, and each folder with some verb."""
    pairs = [(verb, folder) for verb in VERBS for folder in folders]
    return some_of(pairs, list(zip(VERBS, cycle(folders), strict=False)))


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
    "with an apostrophe": lambda place: place.with_name("o'brien") / "data",
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


@pytest.mark.parametrize(("verb", "folder"), each_verb_once(FOLDERS))
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


NOBODY, SOMEBODY = 65534, 65533


def used(place: Path, *, owner: int, mode: int) -> Path:
    """A folder that an earlier run has left."""
    for each in (place, place / "bigquery", place / "pubsub"):
        each.mkdir()
    (place / "version").write_text("1")
    (place / "lock").touch()
    for each in (place, *place.iterdir()):
        os.chown(each, owner, owner)
        each.chmod(mode)
    return place


def partly_roots(place: Path, part: str, mode: int) -> Path:
    used(place, owner=NOBODY, mode=0o755)
    os.chown(place / part, 0, 0)
    (place / part).chmod(mode)
    return place


FOREIGN: dict[str, Callable[[Path], Path]] = {
    "closed": lambda place: used(place, owner=SOMEBODY, mode=0o700),
    "root's, closed": lambda place: used(place, owner=0, mode=0o700),
    "below a closed one": lambda place: used(place, owner=0, mode=0o700) / "data",
    "to be read": lambda place: used(place, owner=SOMEBODY, mode=0o755),
    "open to all": lambda place: used(place, owner=SOMEBODY, mode=0o777),
    "its own, with tables of root": lambda place: partly_roots(place, "bigquery", 0o755),
    "its own, with queues of root": lambda place: partly_roots(place, "pubsub", 0o700),
    "its own, with a version of root": lambda place: partly_roots(place, "version", 0o600),
    "its own, with a lock of root": lambda place: partly_roots(place, "lock", 0o644),
}


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are its user's."""
    if os.geteuid() != 0:
        pytest.skip("only root may become another user")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


@contextmanager
def as_nobody() -> Iterator[None]:
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.mark.parametrize(("verb", "folder"), each_verb_once(FOREIGN))
def test_a_folder_of_another_user_is_a_sentence(
    verb: str, folder: str, open_place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = FOREIGN[folder](open_place / "data")
    ads = open_place / "ads"
    ads.mkdir()
    ads.chmod(0o777)
    before = sorted(data.rglob("*"))
    # Loads what the verb loads late, which may lie where the other user may not look: a codec not found stays unknown.
    assert refused(verb, a_file(open_place / "file"), open_place, monkeypatch, capsys)

    with as_nobody():
        assert refused(verb, data, ads, monkeypatch, capsys)

    assert sorted(data.rglob("*")) == before


def refused(
    verb: str, data: Path, beside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What the command says as it ends with 2: a single sentence, which is all that it may say of the fault."""
    picture = beside / "ad.png"
    picture.write_bytes(pictures.encode(pictures.draw(16, 16, seed=1), "PNG"))
    (beside / "asked.yaml").write_text("name: shop\n")
    asked = [str(picture) for each in VERBS[verb].params if each.param_type_name == "argument" and each.required]
    words = ["try", str(beside / "asked.yaml"), str(picture)] if verb == "taxonomy" else asked
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
