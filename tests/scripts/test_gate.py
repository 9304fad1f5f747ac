"""`make test` fails of whatever fails: types are looked at beside the tests, and told after them. What one that passed
knew of types, and had compiled of packages, a new clone begins with.
"""

import subprocess
from pathlib import Path

import pytest

from shared import wiring

WRONG = 'shared/x.py:1: error: Name "y" is not defined  [name-defined]'

CLONES = [
    ("a", "echo as of a >known; exit 1"),
    ("b", "echo as of b >known"),
    ("c", "echo as of c >known"),
    ("d", "exit 1"),
]
"""What `mypy` does in each, one after the other: of types one and the last are wrong."""


@pytest.mark.parametrize(
    ("types", "tests", "code"),
    [("echo Success", "echo passed", 0), (f"echo '{WRONG}'; exit 1", "echo passed", 2), ("echo Success", "exit 1", 2)],
    ids=["neither", "types", "tests"],
)
def test_the_gate_fails_of_types_as_of_tests_and_tells_them_last(
    tmp_path: Path, types: str, tests: str, code: int
) -> None:
    done = gate(tmp_path, types, tests)

    assert done.returncode == code
    assert done.stdout.splitlines()[-1] == (WRONG if "error" in types else "Success")


def test_a_new_clone_begins_with_what_the_last_gate_that_passed_knew_of_types(tmp_path: Path) -> None:
    knowing = "cat known 2>/dev/null || echo nothing"
    gates = [
        gate(tmp_path, f"cd {tmp_path / clone / 'types'}; {knowing}; {then}", "exit 1", clone) for clone, then in CLONES
    ]

    assert [done.stdout.splitlines()[0] for done in gates] == ["nothing", "nothing", "as of b", "as of c"]


def test_a_new_clone_begins_with_what_the_gate_that_passed_and_compiled_most_has_compiled(tmp_path: Path) -> None:
    for clone, more, code in [("a", "a", 1), ("b", "b", 0), ("c", "c", 0), ("d", "b", 0), ("e", "e", 1)]:
        packages = tmp_path / clone / "packages"
        (packages / "of").mkdir(parents=True)
        read = f"cd {packages / 'of'}; cat it.pyc >it.found 2>/dev/null"
        gate(tmp_path, "echo Success", f"{read}; echo by {clone} >it.pyc; touch {more}.pyc; exit {code}", clone)

    found = {clone: (tmp_path / clone / "packages" / "of" / "it.found").read_text() for clone in "abcde"}
    assert found == {"a": "", "b": "", "c": "by b\n", "d": "by c\n", "e": "by c\n"}
    assert sorted(file.name for file in (tmp_path / "kept").iterdir()) == ["compiled.tar", "types.tar"]


def gate(folder: Path, types: str, tests: str, clone: str = "types") -> subprocess.CompletedProcess[str]:
    """`make test`, its programs as these scripts: of types in a clone whose knowledge of them lies in a folder of that
    name.
    """
    for name, script in {"mypy": types, "pytest": tests, "ruff": "exit 0", "python": "exit 0"}.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    of_clone, kept = folder / clone, folder / "kept"
    types_of = [f"TYPES={of_clone / 'types'}", f"TYPES_KEPT={kept / 'types.tar'}"]
    compiled = [f"PACKAGES={of_clone / 'packages'}", f"COMPILED={of_clone / 'laid'}"]
    variables = [f"BIN={folder}", *types_of, *compiled, f"COMPILED_KEPT={kept / 'compiled.tar'}"]
    (of_clone / "packages").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ["make", "-s", "-o", ".venv/.ready-dev", "test", *variables],
        cwd=wiring.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
