"""What a function's code says about itself, read without running it: which events, clients, tables it uses."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared import wiring
from shared.events import EVENTS

TOPIC_OF = {event.__name__: event.TOPIC for event in EVENTS}
CLIENTS = {"storage_client", "bigquery_client"}


@dataclass(frozen=True)
class Code:
    """The modules that a function can reach: its own folder, and of shared/ what is imported.

    Attributes:
        name: the function's.
        own: the modules in its folder.
        shared: the modules of shared/ that they import, and those import.
    """

    name: str
    own: tuple[ast.Module, ...]
    shared: tuple[ast.Module, ...]

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return wiring.ROOT / "functions" / self.name

    def names(self) -> set[str]:
        """Every identifier and text in its own modules."""
        return {name for module in self.own for name in _names(module)}

    def makes(self) -> set[str]:
        """Topics of the events that its own modules build."""
        return {
            TOPIC_OF[_called(node)]
            for module in self.own
            for node in ast.walk(module)
            if isinstance(node, ast.Call) and _called(node) in TOPIC_OF
        }

    def speaks_of(self) -> set[str]:
        """Topics that its own modules name, by their event or by their name."""
        named = self.names()
        return {topic for event, topic in TOPIC_OF.items() if event in named} | (set(wiring.load().topics) & named)

    def clients(self) -> set[str]:
        """The Google clients it asks shared/clients.py for."""
        everything = {name for module in (*self.own, *self.shared) for name in _calls(module)}
        return CLIENTS & everything

    def imports(self, module: str) -> bool:
        """Whether it imports `module`, or something of it."""
        found = frozenset().union(*map(_imports, (*self.own, *self.shared)))
        return any(name == module or name.startswith(f"{module}.") for name in found)

    def tables(self) -> set[str]:
        """The tables and views that its SQL names, and those that the views read."""
        return {name for file in self.folder.rglob("*.sql") for name in _read_by(_bare(file.read_text()))}

    def entry_points(self) -> set[str]:
        """The functions in main.py that take a CloudEvent."""
        main = ast.parse((self.folder / "main.py").read_text())
        return {
            node.name
            for node in main.body
            if isinstance(node, ast.FunctionDef)
            and "functions_framework.cloud_event" in {ast.unparse(decorator) for decorator in node.decorator_list}
        }


def _bare(sql: str) -> str:
    return re.sub(r"--.*", "", sql)


def _read_by(sql: str) -> set[str]:
    wired = wiring.load()
    named = {name for name in (*wired.tables, *wired.views) if re.search(rf"(?:FROM|JOIN|\.)\s*{name}\b", sql)}
    named |= {"raw_ads"} if "${raw_ads}" in sql else set()
    views = [_bare((wiring.ROOT / "infra" / "views" / f"{view}.sql").read_text()) for view in named & set(wired.views)]
    return named.union(*map(_read_by, views))


@cache
def code_of(name: str) -> Code:
    """The code of function `name`."""
    own = [_parsed(path) for path in sorted((wiring.ROOT / "functions" / name).rglob("*.py"))]
    reached: dict[Path, ast.Module] = {}
    _reach(own, reached)
    return Code(name, tuple(own), tuple(reached.values()))


def _reach(modules: list[ast.Module], reached: dict[Path, ast.Module]) -> None:
    for path in {path for module in modules for path in _shared_imports(module)} - set(reached):
        reached[path] = _parsed(path)
        _reach([reached[path]], reached)


def _shared_imports(module: ast.Module) -> set[Path]:
    named = {name.replace(".", "/") for name in _imports(module) if name.startswith("shared.")}
    of_names = {name.rpartition("/")[0] for name in named}  # `from shared.events import Ad`
    paths = {wiring.ROOT / f"{name}.py" for name in named | of_names}
    return {path for path in paths if path.exists()}


@cache  # a module of shared/ is asked for each function that reaches it
def _imports(module: ast.Module) -> frozenset[str]:
    found = set[str]()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@cache
def _names(module: ast.Module) -> frozenset[str]:
    found = set[str]()
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


@cache
def _calls(module: ast.Module) -> frozenset[str]:
    return frozenset(_called(node) for node in ast.walk(module) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
