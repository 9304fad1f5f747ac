"""Every SQL statement of the product, so that none can be left out of what is checked.

SQL of the product stands in .sql files. What a user of it would copy (README, docs, Terraform's outputs) is found too.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from shared import wiring

_HIDDEN = {".ci"}
"""Ours, though its name begins with a dot; others of that kind are of tools."""
_NOT_OURS = {"node_modules", "__pycache__"}

OTHER_DIALECTS = {
    "local/pubsub/sql": "SQLite",
    "local/duckdb": "DuckDB",
    "shared/results/sql": "SQLite",
}
"""Folders whose .sql files no BigQuery ever sees."""

TOOLS = "infra/toolbox/tools.yaml"
_TYPES = {"string": "STRING", "integer": "INT64"}

_PARAMETER = re.compile(r"@(\w+) (ARRAY<STRUCT<[^>]*>>|ARRAY<\w+>|[A-Z]+[0-9]*)(?!\w)")

_BEGINS = re.compile(
    r"\s*(?:--[^\n]*\s+)*\(*\s*"
    r"(?:(?:select|with|from)\b|(?:insert|merge|delete|update|truncate|create|alter|drop|export|load|grant|call)\s+\w)",
    re.IGNORECASE,
)
_IN_CAPITALS = re.compile(
    r"\s*(?:--[^\n]*\s+)*\(*\s*(?:SELECT|INSERT\s+INTO|MERGE\s+INTO|DELETE\s+FROM|WITH\s+\w+\s+AS|FROM|WHERE|HAVING|QUALIFY"
    r"|GROUP\s+BY|ORDER\s+BY|(?:LEFT\s+|CROSS\s+)?JOIN)\s+[^\s.,]"
)
_ANYWHERE = re.compile(
    r"\bSELECT\b[\s\S]{0,4000}?\bFROM\b|\b(?:INSERT|MERGE)\s+INTO\s|\bDELETE\s+FROM\s|\bUPDATE\s+\S+\s+SET\s"
    r"|\b(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|SCHEMA|MATERIALIZED)\s"
)
_QUOTED = re.compile(r"'((?:SELECT|WITH)\b[^'\n]*)'")
_SQL_WORDS = re.compile(
    r"\bselect\b[\s\S]+\bfrom\b|\binsert\s+into\b|\bmerge\s+(?:into\b|\S+\s+(?:as\s+)?\S*\s*using\b)|\bdelete\s+from\b"
    r"|\bupdate\s+\S+\s+set\b|\btruncate\s+table\b|\bwith\s+\w+\s+as\s*\(|\bselect\s+[\w@*(`]+(?:\s+as\s+\w+)?\s*$"
    r"|\b(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:table|view|schema|materialized)\b",
    re.IGNORECASE,
)


def files(root: Path = wiring.ROOT) -> Iterator[tuple[str, str]]:
    """The statements of all .sql files that BigQuery is to understand: `path` or `path#n`, and its text."""
    for path in _ours(root, "*.sql"):
        name = path.relative_to(root).as_posix()
        if not any(name.startswith(f"{folder}/") for folder in OTHER_DIALECTS):
            yield from _split(name, path.read_text())


def shown(root: Path = wiring.ROOT) -> Iterator[tuple[str, str]]:
    """The statements that texts show to users: blocks of Markdown, commands in Terraform, tools of assistants."""
    for path in _ours(root, "*.md"):
        for number, block in enumerate(_blocks(path.read_text())):
            yield f"{path.relative_to(root).as_posix()}#{number}", block
    for path in _ours(root, "*.tf"):
        for number, found in enumerate(_QUOTED.findall(path.read_text())):
            yield (
                f"{path.relative_to(root).as_posix()}#{number}",
                re.sub(r"\$\{(?:var|local)\.(\w+)\}", r"${\1}", found),
            )
    for tool in tools(root):
        parameters = ", ".join(f"@{each['name']} {_TYPES[each['type']]}" for each in tool.get("parameters", []))
        statement = tool["statement"].replace("${DATASET:creatives}", "${project}.${dataset}")
        yield f"{TOOLS}#{tool['name']}", f"-- {parameters}\n{statement}"


def tools(root: Path = wiring.ROOT) -> Iterator[dict[str, Any]]:
    """The tools of Google's MCP Toolbox that have a statement."""
    yield from (each for each in yaml.safe_load_all((root / TOOLS).read_text()) if each["kind"] == "tool")


def elsewhere(root: Path = wiring.ROOT) -> Iterator[str]:
    """Files with SQL that nobody checks: neither statements, nor code, nor texts of which the shown SQL is checked."""
    for path in _ours(root, "*"):
        name = path.relative_to(root).as_posix()
        checked = name == TOOLS or name.startswith("tests/") or path.suffix.lower() in (".sql", ".py", ".md")
        if not checked and _ANYWHERE.search(_QUOTED.sub("", path.read_text(errors="ignore"))):
            yield name


def declared(sql: str) -> dict[str, str]:
    """The types of a statement's parameters, in GoogleSQL's words."""
    heading = " ".join(line.removeprefix("--") for line in sql.splitlines() if line.startswith("--"))
    return dict(_PARAMETER.findall(heading))


def in_python(root: Path = wiring.ROOT) -> Iterator[str]:
    """Where Python files, those of tests aside, have SQL in a string: `path:line: its beginning`."""
    for path in _ours(root, "*.py"):
        name = path.relative_to(root).as_posix()
        if not name.startswith("tests/"):
            for line, text in _strings(ast.parse(path.read_text())):
                if is_sql(text):
                    yield f"{name}:{line}: {text.strip()[:60]}"


def is_sql(text: str) -> bool:
    """Whether a string is a statement or a part of one: it begins as one and goes on as one, or is in capitals."""
    return bool(_IN_CAPITALS.match(text) or (_BEGINS.match(text) and _SQL_WORDS.search(text)))


def _ours(root: Path, pattern: str) -> Iterator[Path]:
    for folder, folders, names in root.walk():
        hidden = {each for each in folders if each.startswith(".")} - _HIDDEN
        folders[:] = sorted(set(folders) - _NOT_OURS - hidden)
        yield from (folder / name for name in sorted(names) if fnmatch(name.lower(), pattern))


def _split(name: str, text: str) -> Iterator[tuple[str, str]]:
    """A file's statements, each ended by a semicolon; what the first one's heading declares holds for all."""
    parts = [""]
    for line in text.splitlines(keepends=True):
        ends = line.rstrip().endswith(";") and not line.lstrip().startswith("--")
        parts[-1] += line
        parts += [""] if ends else []
    heading = "".join(line for line in text.splitlines(keepends=True) if line.startswith("--"))
    for number, part in enumerate((part for part in parts if part.strip()), 1):
        yield (name, part) if number == 1 else (f"{name}#{number}", f"{heading}{part}")


def _blocks(text: str) -> list[str]:
    fenced = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    indented = [re.sub(r"(?m)^    ", "", block) for block in re.findall(r"(?m)(?:^    \S.*\n(?:(?: {4}.*)?\n)*)", text)]
    return [block for block in fenced + indented if is_sql(block)]


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings of a module, f-strings, sums and lists of strings put together; docstrings only in capitals."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within: set[int] = set()
    for node in ast.walk(tree):  # outer nodes come first
        if id(node) in within:
            continue
        text = _text(node)
        if text is not None and isinstance(node, ast.expr) and (id(node) not in prose or _IN_CAPITALS.match(text)):
            within |= {id(part) for part in ast.walk(node)} - {id(node)}
            yield node.lineno, text


def _text(node: ast.AST) -> str | None:
    """What a string expression says; whatever is put into it is `x`. None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        parts = getattr(next(iter(node.args), None), "elts", ())
        return (_text(node.func.value) or "x").join(_text(part) or "x" for part in parts) if parts else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "x" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        left, right = _text(node.left), _text(node.right)
        return (left or "") + (right or "x" if isinstance(node.op, ast.Add) else "") if left or right else None
    return None


def sent(parameter_type: Mapping[str, Any]) -> str:
    """The type of a query's parameter as a request names it, in GoogleSQL's words."""
    if parameter_type["type"] == "ARRAY":
        return f"ARRAY<{sent(parameter_type['arrayType'])}>"
    if parameter_type["type"] == "STRUCT":
        fields = [f"{field['name']} {sent(field['type'])}" for field in parameter_type["structTypes"]]
        return f"STRUCT<{', '.join(fields)}>"
    return str(parameter_type["type"])


def sent_otherwise(jobs: Iterable[Any]) -> list[str]:
    """The statements of ours that some job had parameters of other types for than their headings declare."""
    ours = {text: name for name, text in files()}
    wrong = set()
    for job in jobs:
        if job.job_type == "query" and job.query in ours:
            asked = job.to_api_repr()["configuration"]["query"].get("queryParameters", ())  # the client reads no null
            types = {each["name"]: sent(each["parameterType"]) for each in asked}
            if types != declared(job.query):
                wrong.add(f"{ours[job.query]}: {types}")
    return sorted(wrong)
