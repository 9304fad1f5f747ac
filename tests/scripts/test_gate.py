"""`make test` fails of whatever fails: types are looked at beside the tests, and told after them."""

import subprocess
from pathlib import Path

import pytest

from shared import wiring

WRONG = 'shared/x.py:1: error: Name "y" is not defined  [name-defined]'


@pytest.mark.parametrize(
    ("types", "tests", "code"),
    [("echo Success", "echo passed", 0), (f"echo '{WRONG}'; exit 1", "echo passed", 2), ("echo Success", "exit 1", 2)],
    ids=["neither", "types", "tests"],
)
def test_the_gate_fails_of_types_as_of_tests_and_tells_them_last(
    tmp_path: Path, types: str, tests: str, code: int
) -> None:
    for name, script in {"mypy": types, "pytest": tests, "ruff": "exit 0", "python": "exit 0"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    variables = [f"BIN={tmp_path}", f"TYPES_SAID={tmp_path}/said"]

    done = subprocess.run(
        ["make", "-s", "-o", ".venv/.ready-dev", "test", *variables],
        cwd=wiring.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert done.stdout.splitlines()[-1] == (WRONG if "error" in types else "Success")
