"""Do the tests bite? Small faults are put into the pure modules, and each module's own tests have to fail of them.

    python -m benchmarks.mutants                         a sample of every module
    python -m benchmarks.mutants --each 1000             all of them
    python -m benchmarks.mutants shared/urls.py --seed 7

Not by mutmut or cosmic-ray: both change the files of the checkout, and neither draws a sample that a seed repeats. What
survives is printed as a changed line; it ends with 1 where fewer than 95 % are told.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.wiring import ROOT

TESTS = {
    "functions/dedup/decisions.py": "tests/functions/dedup/test_decisions.py",
    "functions/dedup/gate.py": "tests/functions/dedup/test_gate.py",
    "shared/models/budget.py": "tests/shared/models/test_budget.py",
    "shared/batches.py": "tests/shared/test_batches.py",
    "shared/prices.py": "tests/shared/test_prices.py",
    "shared/urls.py": "tests/shared/test_urls.py",
    "shared/wiring.py": "tests/shared/test_wiring.py",
}
"""The modules, and the tests that have to tell what is wrong with them."""

WANTED = 0.95
LIMIT_S = 900
"""A mutant may never end: that is told, too."""

_COPIED = (
    "benchmarks",
    "creatives",
    "docs",
    "functions",
    "generate",
    "infra",
    "local",
    "shared",
    "tests",
    "pyproject.toml",
)
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "*",
    ast.BitOr: "&",
    ast.BitAnd: "|",
    ast.BitXor: "|",
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}

type Spot = tuple[int, int, str]
"""From where to where in the file, and what stands there instead."""


@dataclass(frozen=True)
class Mutant:
    """A file with one small fault.

    Attributes:
        file: relative to the checkout.
        line: where it is, counted from 1.
        before: the line as it was.
        after: the line as it is now.
        source: the whole file.
    """

    file: str
    line: int
    before: str
    after: str
    source: str


def mutants(file: str, source: str) -> list[Mutant]:
    """Every fault that is known how to make in a file, in the order of its text."""
    text = _Text(source)
    spots = {spot for node in ast.walk(ast.parse(source)) for spot in _spots(node, text)}
    return [text.mutant(file, spot) for spot in sorted(spots)]


class _Text:
    """A source by positions of its syntax tree, whose columns count bytes."""

    def __init__(self, source: str) -> None:
        self.source = source.encode()
        lines = self.source.splitlines(keepends=True)
        self._starts = [sum(map(len, lines[:number])) for number in range(len(lines))]

    def at(self, line: int | None, column: int | None) -> int:
        """The offset of a position."""
        return self._starts[(line or 1) - 1] + (column or 0)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where an expression stands."""
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr) -> str:
        """An expression as it is written."""
        start, end = self.span(node)
        return self.source[start:end].decode()

    def mutant(self, file: str, spot: Spot) -> Mutant:
        """The file with one change."""
        start, end, new = spot
        changed = self.source[:start] + new.encode() + self.source[end:]
        line = self.source.count(b"\n", 0, start)
        before, after = (text.decode().splitlines()[line].strip() for text in (self.source, changed))
        return Mutant(file, line + 1, before, after, changed.decode())


def _spots(node: ast.AST, text: _Text) -> Iterator[Spot]:
    yield from _of_operators(node, text)
    yield from _of_values(node, text)


def _of_operators(node: ast.AST, text: _Text) -> Iterator[Spot]:
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARISONS:
            yield _between(left, right, _COMPARISONS[type(operator)], text)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
            yield _between(left, right, _ARITHMETIC[type(operator)], text)
        case ast.BoolOp(op=joined, values=[first, second, *_]):
            yield _between(first, second, "or" if isinstance(joined, ast.And) else "and", text)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield (*text.span(node), text.of(operand))


def _of_values(node: ast.AST, text: _Text) -> Iterator[Spot]:
    match node:
        case ast.Constant(value=bool() as value):
            yield (*text.span(node), str(not value))
        case ast.Constant(value=int() | float() as number):
            yield (*text.span(node), str(number + 1))
        case ast.Call(func=ast.Name(id=name) as called) if name in _CALLS:
            yield (*text.span(called), _CALLS[name])
        case ast.Call(func=ast.Name(id="sorted")):
            yield (*text.span(node), f"{text.of(node)}[::-1]")
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield (*text.span(test), f"not ({text.of(test)})")
        case ast.Return(value=ast.expr() as value) if text.of(value) != "None":
            yield (*text.span(value), "None")


def _between(left: ast.expr, right: ast.expr, operator: str, text: _Text) -> Spot:
    """What joins two expressions; brackets that close after the first, or open before the second, stay."""
    start, end = text.span(left)[1], text.span(right)[0]
    written = text.source[start:end].decode()
    closing, opening = written[: len(written) - len(written.lstrip(" \n)"))], written[len(written.rstrip(" \n(")) :]
    return start, end, f"{closing.rstrip(' ')} {operator} {opening.lstrip(' ')}"


def survivors(drawn: Iterable[Mutant], tell: Callable[[Mutant], bool], said: Callable[[str], object]) -> list[Mutant]:
    """Those that no test tells."""
    left = []
    for mutant in drawn:
        told = tell(mutant)
        if not told:
            left.append(mutant)
        change = f"\n    - {mutant.before}\n    + {mutant.after}"
        said(f"{'told' if told else 'SURVIVED'} {mutant.file}:{mutant.line}{'' if told else change}")
    return left


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout, in which faults are made."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Copy":
        """All that the tests of the modules read."""
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform*"))
            else:
                shutil.copy(source, folder / name)
        return cls(folder)

    def tells(self, mutant: Mutant) -> bool:
        """Whether the module's own tests fail of the fault."""
        place = self.folder / mutant.file
        place.write_text(mutant.source)
        try:
            return not self.passes(mutant.file)
        finally:
            shutil.copy(ROOT / mutant.file, place)

    def passes(self, file: str) -> bool:
        """Whether the tests of a module are content with it."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", TESTS[file]]
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def draw(file: str, each: int, seed: int) -> list[Mutant]:
    """A sample of a module's mutants, the same for the same seed."""
    found = mutants(file, (ROOT / file).read_text())
    return random.Random(f"{seed}:{file}").sample(found, min(each, len(found)))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=list(TESTS), help="modules, as they are named in TESTS")
    parser.add_argument("--each", type=int, default=12, help="how many mutants of a module")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    drawn = [mutant for file in options.files for mutant in draw(file, options.each, options.seed)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy.made(Path(folder))
        for file in options.files:
            if not copy.passes(file):
                print(f"{TESTS[file]} fails without any fault")
                return 2
        left = survivors(drawn, copy.tells, lambda line: print(line, flush=True))
    told = 1 - len(left) / len(drawn)
    print(f"{len(drawn) - len(left)} of {len(drawn)} told, {told:.0%}")
    return int(told < WANTED)


if __name__ == "__main__":
    sys.exit(main())
