"""What `creatives` says of itself: its verbs in the order of work, and its version."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from creatives.cli import SUBJECTS, app, commands
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


def test_a_word_may_begin_with_a_minus() -> None:
    found = commands("agents", "")["find"].make_context("find", ["-20%", "--most", "1", "-€5", "summer"]).params
    tagged = commands("labels", "")["tag"].make_context("tag", ["a" * 40, "--remove", "-5", "-20%"]).params

    assert (found["words"], found["most"]) == (["-20%", "-€5", "summer"], 1)
    assert (tagged["tags"], tagged["remove"]) == (["-20%"], ["-5"])


@pytest.mark.parametrize(("mistyped", "told"), [("--limi", "--limi"), ("-limi", "-l")])
def test_a_mistyped_option_is_no_word(mistyped: str, told: str) -> None:
    said = CliRunner().invoke(app, ["find", "-20%", mistyped, "3"])

    assert said.exit_code == 2
    assert re.search(rf"No such option: {told}\b", said.stderr)


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
