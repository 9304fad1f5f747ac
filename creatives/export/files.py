"""The rows of `ads_enriched` as a file: CSV for spreadsheets, Parquet for analysis, NDJSON for everything else.

Rows are read and written page by page, so that the memory it takes does not grow with their number.

CSV is made so that a spreadsheet shows what advertisers wrote and runs none of it. A spreadsheet takes a cell that
begins with = + - @, a tab or a line break for a formula (https://owasp.org/www-community/attacks/CSV_Injection), and a
name, a URL or a quoted text may begin so. Such a text gets an apostrophe before it, and so does one that begins with an
apostrophe itself: whoever takes one apostrophe off every text that begins with one has the texts as they were. Numbers
stay numbers: -5 is no formula. Of a text that no cell takes (an address that is a picture), the
beginning is left.
"""

import base64
import csv
import gzip
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
from google.cloud import bigquery
from pydantic_core import to_json

from creatives import amounts
from creatives.operations.tables import bounded

_SQL = Path(__file__).with_name("ads.sql")

PAGE_ROWS = 5000
_LONGEST_CELL = 32_767  # characters: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
_BEGINNING = 1000
_MEMORY_LIMIT = "512MB"
_ROW_GROUP_ROWS = 20_480  # ten of DuckDB's vectors: a group is held in memory before it is written

# A formula's first character, in the width of either keyboard, behind what a spreadsheet may trim; or an apostrophe.
_TAKEN_FOR_FORMULA = re.compile(r"[\t\r\n']|\s*[=+\-@＝＋－＠]")

_PARQUET_TYPES: Mapping[str, str] = {
    "INTEGER": "BIGINT",
    "INT64": "BIGINT",
    "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38, 9)",
    "BOOLEAN": "BOOLEAN",
    "BOOL": "BOOLEAN",
    "TIMESTAMP": "TIMESTAMPTZ",
    "DATETIME": "TIMESTAMP",
    "DATE": "DATE",
    "TIME": "TIME",
    "JSON": "JSON",
}
"""By BigQuery's type; all others are text there too: BYTES as base64, BIGNUMERIC since Parquet has none so wide."""

type Row = Mapping[str, Any]
type OnProgress = Callable[[int], None]


class Format(StrEnum):
    """What can be written."""

    CSV = "csv"
    PARQUET = "parquet"
    NDJSON = "ndjson"


@dataclass(frozen=True)
class Table:
    """Rows to be written, read once.

    Attributes:
        schema: their columns.
        rows: values as BigQuery's client gives them; records as mappings, repeated columns as lists.
        n_rows: how many there are; None where that is not known before the last.
        for_excel: whether a CSV of it begins with a byte-order mark, without which Excel takes UTF-8 for something
            else. To a program that reads a pipe the mark is a part of the first column's name.
    """

    schema: Sequence[bigquery.SchemaField]
    rows: Iterable[Row]
    n_rows: int | None = None
    for_excel: bool = True


def read(client: bigquery.Client, dataset: str, most_usd: float | None = None) -> Table:
    """Every ad of `dataset` (project.dataset), as `ads_enriched` has it at one moment; no order is promised.

    Raises:
        GoogleAPIError: the client's, when the view is not there or cannot be read.
        TooDearError: when BigQuery would bill more than `most_usd`; None: it may bill anything.
    """
    config = bigquery.QueryJobConfig(default_dataset=dataset)
    with bounded(config, most_usd):
        found = client.query(_SQL.read_text(), job_config=config).result(page_size=PAGE_ROWS)
    return Table(found.schema, (dict(row.items()) for row in found), found.total_rows)


def write(table: Table, chosen: Format, out: BinaryIO, on_progress: OnProgress = lambda _: None) -> int:
    """Writes the table to `out` and says how many rows it had; `on_progress` is told after each page."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in table.rows:
            yield row
            count += 1
            if count % PAGE_ROWS == 0:
                on_progress(count)

    _WRITERS[chosen](replace(table, rows=counted()), out)
    on_progress(count)
    return count


def write_ndjson(table: Table, out: BinaryIO) -> None:
    """One JSON object a line, records nested; BYTES are base64. NUMERIC is a number, or text where a double has too few
    digits for it: no part of a cent is lost.
    """
    for row in table.rows:
        out.write(_line(_with_numbers(row)))


def write_csv(table: Table, out: BinaryIO) -> None:
    """A header and a line per row, in UTF-8.

    A record's columns stand beside the others as `record.column`; lists are JSON. Text is quoted, nothing at all is
    null. What begins like a formula is made harmless (see the top of this file).
    """
    paths = list(_leaves(table.schema))
    text = io.TextIOWrapper(out, encoding="utf-8-sig" if table.for_excel else "utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text, quoting=csv.QUOTE_STRINGS)
        writer.writerow(_harmless(".".join(path)) for path in paths)
        for row in table.rows:
            writer.writerow(_cell(_value(row, path)) for path in paths)
        text.flush()
    finally:
        text.detach()  # `out` is the caller's to close


def write_parquet(table: Table, out: BinaryIO) -> None:
    """Columns of the types nearest to BigQuery's, records as structs, compressed by zstd.

    The rows wait on disk meanwhile, as compressed NDJSON, from which DuckDB makes the file.
    """
    longest = 0
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        rows, made = Path(folder) / "rows.ndjson.gz", Path(folder) / "rows.parquet"
        with gzip.open(rows, "wb", compresslevel=1) as waiting:
            for row in table.rows:
                longest = max(longest, waiting.write(_line(row)))
        _to_parquet(table.schema, rows, made, longest=longest)
        with made.open("rb") as file:
            shutil.copyfileobj(file, out)


_WRITERS: Mapping[Format, Callable[[Table, BinaryIO], None]] = {
    Format.CSV: write_csv,
    Format.PARQUET: write_parquet,
    Format.NDJSON: write_ndjson,
}


def _to_parquet(schema: Sequence[bigquery.SchemaField], rows: Path, made: Path, *, longest: int) -> None:
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY_LIMIT,
        "threads": 2,
        "temp_directory": str(made.parent),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(config=limits) as connection:
        connection.execute("SET enable_progress_bar = false")  # it would be written to standard output
        found = connection.read_json(
            str(rows),
            columns={field.name: _parquet_type(field) for field in schema},
            format="newline_delimited",
            compression="gzip",
            maximum_object_size=max(longest + 1, 1 << 20),
        )
        found.write_parquet(str(made), compression="zstd", row_group_size=_ROW_GROUP_ROWS)


def _parquet_type(field: bigquery.SchemaField) -> str:
    name = _PARQUET_TYPES.get(field.field_type, "VARCHAR")
    if field.fields:
        quoted = ('"' + inner.name.replace('"', '""') + '"' for inner in field.fields)
        inners = (f"{name} {_parquet_type(inner)}" for name, inner in zip(quoted, field.fields, strict=True))
        name = f"STRUCT({', '.join(inners)})"
    return f"{name}[]" if field.mode == "REPEATED" else name


def _leaves(schema: Sequence[bigquery.SchemaField], within: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where the values of a row lie: a path for each column that is no record, or a list of them."""
    for field in schema:
        path = (*within, field.name)
        if field.fields and field.mode != "REPEATED":
            yield from _leaves(field.fields, path)
        else:
            yield path


def _value(row: Row, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - of any column
    found: Any = row
    for name in path:
        if found is None:
            return None
        found = found.get(name)
    return found


def _cell(value: Any) -> str | int | float | None:  # noqa: ANN401 - of any column
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case str():
            return _harmless(_for_a_cell(value))
        case Decimal():
            return f"{value:f}"
        case bytes():
            return _harmless(_for_a_cell(base64.b64encode(value).decode()))
        case date() | time():
            return value.isoformat()
    return _harmless(_for_a_cell(_json(value).decode()))


def _for_a_cell(text: str) -> str:
    """The text, or how a longer one begins than spreadsheets take: they cut it without a word, or take it for rows."""
    if len(text) <= _LONGEST_CELL:
        return text
    return f"{text[:_BEGINNING]}… ({len(text):,} characters: whole in .parquet and .ndjson)"


def _harmless(text: str) -> str:
    return f"'{text}" if _TAKEN_FOR_FORMULA.match(text) else text


def _line(row: Row) -> bytes:
    return _json(row) + b"\n"


def _json(value: Any) -> bytes:  # noqa: ANN401 - of any column, or a whole row
    return to_json(_with_base64(value), inf_nan_mode="strings", fallback=str)


def _with_numbers(value: Any) -> Any:  # noqa: ANN401 - of any column
    """The value, its amounts as numbers."""
    return _each_as(lambda part: amounts.as_number(part) if isinstance(part, Decimal) else part, value)


def _with_base64(value: Any) -> Any:  # noqa: ANN401 - of any column
    """The value, its bytes in the base64 that BigQuery itself writes (pydantic's has other letters)."""
    return _each_as(lambda part: base64.b64encode(part).decode() if isinstance(part, bytes) else part, value)


def _each_as(told: Callable[[Any], Any], value: Any) -> Any:  # noqa: ANN401 - of any column
    """The value, each of its parts as it is told."""
    match value:
        case dict():
            return {name: _each_as(told, each) for name, each in value.items()}
        case list():
            return [_each_as(told, each) for each in value]
    return told(value)
