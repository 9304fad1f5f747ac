"""The floors of the tree, and what imports across them the wrong way: read from the code, without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLOORS = {
    "shared": frozenset(),
    "functions": frozenset({"shared"}),
    "local": frozenset({"shared", "functions"}),
    "creatives": frozenset({"shared", "functions", "local"}),
    "generate": frozenset({"shared", "functions"}),
}
"""Each floor and those below it, from which alone it may import."""

OUTSIDE = frozenset({"tests", "benchmarks", "scripts"})
"""What stands beside the floors: imports any of them, and none of them imports it."""

STAGES = "functions"


@dataclass(frozen=True)
class Import:
    """One imported module, and where.

    Attributes:
        file: relative to the root.
        line: counted from 1.
        module: dotted, absolute.
    """

    file: Path
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def upward(root: Path) -> list[Import]:
    """The imports of the tree in `root` that no floor may have: from above, or of one stage by another."""
    return [each for floor in FLOORS for each in _imports(root, floor) if not _allowed(each)]


def _allowed(found: Import) -> bool:
    floor, room = found.file.parts[0], found.module.split(".")[0]
    if room == floor == STAGES:
        return found.module.split(".")[1:2] == [found.file.parts[1]]
    return room == floor or room in FLOORS[floor] or room not in FLOORS.keys() | OUTSIDE


def _imports(root: Path, floor: str) -> Iterator[Import]:
    """All of them, also those inside of functions and for types only."""
    for path in sorted((root / floor).rglob("*.py")):
        file = path.relative_to(root)
        for node in ast.walk(ast.parse(path.read_text(), str(file))):
            yield from (Import(file, line, module) for line, module in _modules(node, file))


def _modules(node: ast.AST, file: Path) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = list(file.parent.parts)
        before = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*before, *([node.module] if node.module else [])])
        # `from functions import dedup` names the stage after the import
        yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node.func) == "import_module":
        yield from ((node.lineno, str(name.value)) for name in node.args[:1] if isinstance(name, ast.Constant))


def _called(function: ast.expr) -> str | None:
    """The last part of a function's name."""
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
