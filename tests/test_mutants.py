"""The faults that `benchmarks/mutants.py` makes: each a program still, in one line, and another one than before."""

import ast

import pytest

from benchmarks import mutants
from shared.wiring import ROOT
from tests.cases import some_of

pytestmark = pytest.mark.slow


def changed(source: str) -> set[str]:
    return {mutant.after for mutant in mutants.mutants("a.py", source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", "x = a <= b"),
        ("x = a is None", "x = a is not None"),
        ("x = (a - b) * c", "x = (a - b) / c"),
        ("x = (a - b) * c", "x = (a + b) * c"),
        ("x = a and (b or c)", "x = a or (b or c)"),
        ("x = not near_blank", "x = near_blank"),
        ("x = -width", "x = width"),
        ("é, x = 'ü', 3", "é, x = 'ü', 4"),
        ("x = max(a, b)", "x = min(a, b)"),
        ("ranked = sorted(near, key=rank)", "ranked = sorted(near, key=rank)[::-1]"),
        ("x = a if b else c", "x = a if not (b) else c"),
        ("def f(): return 'x'", "def f(): return None"),
    ],
)
def test_a_kind_of_fault_is_made(source: str, expected: str) -> None:
    assert expected in changed(source)


def test_a_text_is_left_alone() -> None:
    assert changed('"""Says `a < b`, 3 times."""\nx = "not 3"') == set()


@pytest.mark.parametrize("file", some_of(mutants.TESTS, in_the_gate=["functions/dedup/gate.py"]))
def test_every_mutant_of_a_module_is_another_program(file: str) -> None:
    source = (ROOT / file).read_text()

    made = mutants.mutants(file, source)

    assert len(made) > 20
    assert ast.dump(ast.parse(source)) not in {ast.dump(ast.parse(mutant.source)) for mutant in made}
