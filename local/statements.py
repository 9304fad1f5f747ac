"""The statements of ours in DuckDB's dialect, a file each in `duckdb/`, and how names stand in them."""

from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).with_name("duckdb")


def statement(name: str, **parts: str) -> str:
    """The statement of a file, with what stands in its places."""
    return _template(name).substitute(parts)


def quoted(*names: str) -> str:
    """A name, or one of several parts, whatever letters it has."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def lake_of(project: str) -> str:
    """Where DuckLake keeps what it knows of a project's tables."""
    return quoted(f"__ducklake_metadata_{project}")


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / f"{name}.sql").read_text())
