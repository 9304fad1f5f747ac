"""What `creatives` says of itself: its verbs in the order of work, and its version."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creatives.cli import SUBJECTS, app
from shared.wiring import ROOT

VERBS = {subject: verbs for subjects in SUBJECTS.values() for subject, verbs in subjects.items()}
FILES = list((ROOT / "creatives").glob("*/commands.py"))


def test_verbs_are_listed_in_the_order_of_work() -> None:
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100"}).stdout

    listed = re.findall(r"^│ ([a-z][a-z-]+)  ", said, re.M)

    assert listed[:4] == ["demo", "analyze", "up", "report"]
    assert listed == [verb for verbs in VERBS.values() for verb in verbs]


def test_every_command_of_every_subject_is_a_verb() -> None:
    found = {path.parent.name: import_module(f"creatives.{path.parent.name}.commands").COMMANDS for path in FILES}

    assert {subject: tuple(each.__name__.replace("_", "-") for each in of) for subject, of in found.items()} == VERBS


@pytest.mark.parametrize("verb", [verb for verbs in VERBS.values() for verb in verbs])
def test_a_verb_tells_what_it_takes(verb: str) -> None:
    said = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "100"})

    assert said.exit_code == 0
    assert f"Usage: root {verb} [OPTIONS]" in said.stdout


def test_a_mistyped_verb_is_told_the_one_that_was_meant() -> None:
    said = CliRunner().invoke(app, ["analize"])

    assert said.exit_code == 2
    assert "Did you mean 'analyze'" in " ".join(said.stderr.split())


EMPTY = (
    ("analyze", ""),
    ("analyze", "samples", ""),
    ("estimate", ""),
    ("taxonomy", "try", "infra/taxonomy.yaml", ""),
    ("publish", ""),
    ("results", ""),
    ("find", "--like", ""),
    ("evaluate", ""),
    ("report", "--out", ""),
    ("report", "--out="),
    ("export", "--out", ""),
    ("status", "--data", ""),
    ("status", "--project", ""),
    ("failures", "--ad", "a", "--ad", ""),
)


@pytest.mark.parametrize("typed", EMPTY, ids=" ".join)
def test_nothing_empty_is_taken_for_the_working_folder_or_for_what_was_not_said(typed: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, typed)

    assert said.exit_code == 2
    assert "it is empty; is the variable set" in " ".join(said.stderr.split())


@pytest.mark.parametrize("typed", [("find", "-20%", "-€5", "--most", "1"), ("tag", "a" * 40, "-20%")], ids=" ".join)
def test_a_word_may_begin_with_a_minus(typed: tuple[str, ...], tmp_path: Path) -> None:
    said = CliRunner().invoke(app, [*typed, "--data", str(tmp_path)])

    assert said.exit_code == 2
    assert "up" in said.stderr  # all was understood: nothing runs there
    assert "No such option" not in said.stderr


@pytest.mark.parametrize("mistyped", ["--limi", "-limi"])
def test_a_mistyped_option_is_no_word(mistyped: str) -> None:
    said = CliRunner().invoke(app, ["find", "-20%", mistyped, "3"])

    assert said.exit_code == 2
    assert f"No such option: {mistyped[:2]}" in " ".join(said.stderr.split())


@pytest.mark.slow
def test_only_the_subject_of_the_verb_is_imported() -> None:
    code = "import sys; from creatives.cli import app; app(['up', '--help'], standalone_mode=False)"
    said = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*sys.modules)"], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout

    imported = {subject for subject in VERBS if f"creatives.{subject}.commands" in said.split()}
    assert imported == {"page"}


def test_the_version_is_said() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"creatives {version('creatives')}\n"


def test_an_id_alone_is_not_erased_but_asked_of_what() -> None:
    said = CliRunner().invoke(app, ["erase", "9004"])

    assert said.exit_code == 2
    assert "--ad 9004 or --creative 9004" in said.stderr
