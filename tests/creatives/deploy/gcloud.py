"""What the real gcloud takes, read from the table that comes with it for the completion of words: nothing is run."""

import runpy
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest


@cache
def gcloud_commands() -> Mapping[str, Any]:
    """Groups, commands and flags, nested as they are typed."""
    program = shutil.which("gcloud")
    if program is None:
        pytest.skip("gcloud is not installed, and nothing but a deployment needs it")
    table = Path(program).resolve().parent.parent / "data" / "cli" / "gcloud_completions.py"
    tree: Mapping[str, Any] = runpy.run_path(str(table))["STATIC_COMPLETION_CLI_TREE"]
    return tree


def faults(call: str, commands: Mapping[str, Any]) -> Iterator[str]:
    """What gcloud would not take of a call: an unknown word where commands are expected, an unknown flag."""
    _, *words = call.split()
    at, flags = commands, set(commands["flags"])
    group = "gcloud"
    for word in (word for word in words if not word.startswith("-")):
        if not at.get("commands"):
            break  # what a command is about
        if word not in at["commands"]:
            yield f"{call}: no {word} in {group}"
            return
        at, group = at["commands"][word], word
    flags |= set(at.get("flags", {}))
    given = {word.split("=", 1)[0] for word in words if word.startswith("--")}
    yield from (f"{call}: no {flag}" for flag in sorted(given - flags))
