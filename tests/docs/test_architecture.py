"""docs/architecture.md is true: a stage is added to a copy by doing what it says, and what it names is there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from creatives.cli import SUBJECTS
from generate import requirements
from shared.wiring import ROOT
from tests import floors

PAGE = (ROOT / "docs" / "architecture.md").read_text()
COPIED = ("creatives", "functions", "generate", "infra", "local", "shared", "pyproject.toml", "uv.lock", "README.md")

# What a push of Pub/Sub brings, and the answer to it, by the local functions as `creatives up` starts them.
DELIVER = """
import base64, json, sys
from werkzeug.test import Client
from local.functions import application
client = Client(application(["screen"]))
for data in json.loads(sys.argv[1]):
    message = {"data": base64.b64encode(json.dumps(data).encode()).decode(), "attributes": {}, "messageId": "1"}
    print(client.post("/screen/", json={"message": message, "subscription": "s"}).status_code)
"""
IMAGE = {
    "event_id": "e",
    "occurred_at": "2026-11-01T00:00:00Z",
    "creative_id": "0" * 40,
    "uri": "gs://creatives/a.png",
    "content_type": "image/png",
    "bytes": 1000,
}


def block(language: str) -> str:
    """The page's one piece of a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def insert(file: Path, text: str, heading: str) -> None:
    """Puts the lines that stand in `text` below each heading below the same heading of a file."""
    parts = re.split(f"(?m)^({heading})\n", text)[1:]
    content = file.read_text()
    for title, lines in zip(parts[::2], parts[1::2], strict=True):
        assert content.count(f"\n{title}\n") == 1
        content = content.replace(f"\n{title}\n", f"\n{title}\n{lines}")
    file.write_text(content)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the steps of 'A new stage' were done, one after the other."""
    copy = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform*"))
        else:
            shutil.copy(ROOT / name, copy / name)
    (copy / "functions" / "screen").mkdir()
    (copy / "functions" / "screen" / "main.py").write_text(block("python"))
    insert(copy / "infra" / "pipeline.yaml", block("yaml"), r"\w+:")
    insert(copy / "pyproject.toml", block("toml"), r"\[[\w-]+\]")
    uv = requirements.uv_program()
    assert uv
    (copy / ".uv" / "bin").mkdir(parents=True)
    (copy / ".uv" / "bin" / "uv").symlink_to(uv)
    run(copy, uv, "lock", "--python", sys.executable)
    run(copy, sys.executable, "-m", "generate.requirements")
    run(copy, sys.executable, "-m", "generate.diagram")
    return copy


def run(folder: Path, *command: str, **variables: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | variables
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.long
@pytest.mark.slow
def test_a_stage_that_is_added_as_the_page_says_answers_its_events(followed: Path) -> None:
    variables = {f"{name}_BUCKET": f"my-{name.lower()}" for name in ("CREATIVES", "RESULTS", "STAGING")}

    said = run(
        followed, sys.executable, "-c", DELIVER, json.dumps([IMAGE, IMAGE]), GOOGLE_CLOUD_PROJECT="p", **variables
    )

    lines = said.splitlines()
    assert [line for line in lines if line.isdigit()] == ["200", "200"]
    outcomes = [json.loads(line)["outcome"] for line in lines if '"handled"' in line]
    assert outcomes == ["done", "done"]


@pytest.mark.slow
def test_a_stage_that_is_added_as_the_page_says_is_installed_drawn_and_on_its_floor(followed: Path) -> None:
    pinned = (followed / "functions" / "screen" / "requirements.txt").read_text()

    assert "functions-framework==" in pinned
    assert re.search(r"images.*--> screen", (followed / "README.md").read_text())
    assert floors.upward(followed) == []


def test_the_page_names_every_floor_and_what_it_imports() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)/` \| (.*?) ?\|", PAGE)

    assert {floor: set(re.findall(r"\w+", below)) for floor, below in rows} == floors.FLOORS


def test_what_the_page_names_is_there() -> None:
    files = {name for name in re.findall(r"`([\w/]+\.\w+)`", PAGE) if "/" in name}

    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_commands_are_found_where_the_page_says() -> None:
    subjects = {path.parent.name for path in (ROOT / "creatives").glob("*/commands.py")}

    for subject in subjects:
        assert re.search(r"(?m)^COMMANDS = ", (ROOT / "creatives" / subject / "commands.py").read_text()), subject
        assert any(subject in named for named in SUBJECTS.values())
