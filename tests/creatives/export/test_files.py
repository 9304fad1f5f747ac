"""Every value of every row comes back from an exported file as it was, whichever the format."""

import base64
import codecs
import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from google.cloud.bigquery import SchemaField
from hypothesis import given, settings
from hypothesis import strategies as st

from creatives.export import files
from creatives.export.files import Format, Table
from shared.events import Ad, Origin
from tests.bigquery import PROJECT, Dataset

SCHEMA = [
    SchemaField("ad_id", "STRING"),
    SchemaField("width", "INTEGER"),
    SchemaField("score", "FLOAT"),
    SchemaField("cost_usd", "NUMERIC"),
    SchemaField("has_audio", "BOOLEAN"),
    SchemaField("first_seen_at", "TIMESTAMP"),
    SchemaField(
        "features",
        "RECORD",
        fields=[
            SchemaField("text", "STRING"),
            SchemaField("price", "FLOAT"),
            SchemaField("dominant_colors", "STRING", mode="REPEATED"),
            SchemaField("scenes", "RECORD", mode="REPEATED", fields=[SchemaField("start_s", "FLOAT")]),
            SchemaField("end_card", "RECORD", fields=[SchemaField("text", "STRING")]),
        ],
    ),
    SchemaField(
        "raw_ad",
        "RECORD",
        fields=[
            SchemaField("impressions", "INTEGER"),
            SchemaField("day", "DATE"),
            SchemaField("at", "TIME"),
            SchemaField("local_at", "DATETIME"),
            SchemaField("code", "BYTES"),
            SchemaField("total", "BIGNUMERIC"),
            SchemaField("labels", "JSON"),
        ],
    ),
]

numbers = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**63 - 1)
money = st.decimals(Decimal("-1e28"), Decimal("1e28"), places=9).filter(lambda each: len(each.as_tuple().digits) <= 38)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


texts = nullable(
    st.text(max_size=20) | st.sampled_from(["=1+1", "'=1", "@SUM(A1)", "\t-1", "\u00e9\r\n", '"', "'", ""])
)
rows = record(
    ad_id=texts,
    width=nullable(integers),
    score=nullable(numbers),
    cost_usd=nullable(money),
    has_audio=nullable(st.booleans()),
    first_seen_at=nullable(moments.map(lambda at: at.replace(tzinfo=UTC))),
    features=nullable(
        record(
            text=texts,
            price=nullable(numbers),
            dominant_colors=st.lists(st.text(max_size=8), max_size=3),
            scenes=st.lists(record(start_s=nullable(numbers)), max_size=2),
            end_card=nullable(record(text=texts)),
        )
    ),
    raw_ad=nullable(
        record(
            impressions=nullable(integers),
            day=nullable(st.dates()),
            at=nullable(st.times()),
            local_at=nullable(moments),
            code=nullable(st.binary(max_size=9)),
            total=nullable(money),
            labels=json_values,
        )
    ),
)


def exported(chosen: Format, found: Sequence[Mapping[str, Any]]) -> bytes:
    file = io.BytesIO()
    assert files.write(Table(SCHEMA, found), chosen, file) == len(found)
    return file.getvalue()


def as_json(value: Any) -> Any:
    """A value as NDJSON has it: text where a double is not as wide."""
    match value:
        case dict():
            return {name: as_json(each) for name, each in value.items()}
        case list():
            return [as_json(each) for each in value]
        case Decimal():
            return float(value) if Decimal(repr(float(value))) == value else f"{value:f}"
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
    return value


@given(st.lists(rows, max_size=3))
def test_ndjson_has_every_value_of_every_row(found: list[dict[str, Any]]) -> None:
    lines = exported(Format.NDJSON, found).decode().split("\n")

    assert lines[-1] == ""
    assert [json.loads(line) for line in lines[:-1]] == as_json(found)


def test_ndjson_has_an_amount_as_a_number_where_that_loses_nothing() -> None:
    amounts = [Decimal("0.000123456"), Decimal(7), Decimal("12345678901234567.891234567")]

    lines = exported(Format.NDJSON, [{"cost_usd": amount} for amount in amounts]).splitlines()

    assert [json.loads(line)["cost_usd"] for line in lines] == [0.000123456, 7, "12345678901234567.891234567"]


def csv_rows(content: bytes) -> Iterator[dict[str, str | float | None]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    yield from csv.DictReader(text, quoting=csv.QUOTE_STRINGS)


def plain(cell: Any) -> Any:
    """The text that was made harmless, as it was."""
    return cell.removeprefix("'") if isinstance(cell, str) else cell


@given(st.lists(rows, max_size=3))
def test_csv_has_every_text_and_number_of_every_row(found: list[dict[str, Any]]) -> None:
    read = list(csv_rows(exported(Format.CSV, found)))

    for row, line in zip(found, read, strict=True):
        features = row["features"] or dict.fromkeys(("text", "price", "end_card"))
        assert plain(line["ad_id"]) == row["ad_id"]
        assert plain(line["features.text"]) == features["text"]
        assert plain(line["features.end_card.text"]) == (features["end_card"] or {"text": None})["text"]
        assert line["features.price"] == features["price"]
        assert line["score"] == row["score"]
        assert line["width"] == (None if row["width"] is None else float(row["width"]))
        assert line["cost_usd"] == (None if row["cost_usd"] is None else f"{row['cost_usd']:f}")


@given(st.lists(rows, max_size=3))
def test_csv_has_lists_and_json_as_json(found: list[dict[str, Any]]) -> None:
    read = list(csv_rows(exported(Format.CSV, found)))

    for row, line in zip(found, read, strict=True):
        for name in ("dominant_colors", "scenes"):
            cell = line[f"features.{name}"]
            assert (json.loads(str(cell)) if cell is not None else None) == (row["features"] or {name: None})[name]


@given(st.lists(rows, min_size=1, max_size=3))
def test_no_cell_of_text_begins_as_a_formula_does(found: list[dict[str, Any]]) -> None:
    for line in csv_rows(exported(Format.CSV, found)):
        for name, cell in line.items():
            if isinstance(cell, str) and name not in ("cost_usd", "raw_ad.total"):
                assert not cell.lstrip().startswith(("=", "+", "-", "@"))
                assert not cell.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "'=1"])
def test_what_begins_as_a_formula_is_shown_as_text(text: str) -> None:
    (line,) = csv_rows(exported(Format.CSV, [{"ad_id": text}]))

    assert line["ad_id"] == f"'{text}"


def test_of_a_text_that_no_cell_takes_the_beginning_is_left_in_csv_alone() -> None:
    fits, whole = "data:," + "B" * 32_761, "data:image/png;base64," + "A" * 60_000
    labels = {"labels": ["x" * 40_000], "code": b"y" * 40_000}

    first, second = csv_rows(exported(Format.CSV, [{"ad_id": fits}, {"ad_id": whole, "raw_ad": labels}]))

    assert first["ad_id"] == fits
    assert second["ad_id"] == f"{whole[:1000]}… (60,022 characters: whole in .parquet and .ndjson)"
    assert max(len(cell) for cell in second.values() if isinstance(cell, str)) < 32_767
    assert json.loads(exported(Format.NDJSON, [{"ad_id": whole}]))["ad_id"] == whole


def test_base64_that_begins_as_a_formula_is_shown_as_text() -> None:
    (line,) = csv_rows(exported(Format.CSV, [{"raw_ad": {"code": b"\xf8"}}]))

    assert line["raw_ad.code"] == "'+A=="


def test_a_negative_number_stays_a_number() -> None:
    content = exported(Format.CSV, [{"width": -5, "score": -0.5, "cost_usd": Decimal("-1.25")}])

    (line,) = csv_rows(content)
    assert (line["width"], line["score"], line["cost_usd"]) == (-5, -0.5, "-1.25")


def parquet_rows(content: bytes, folder: Path) -> list[dict[str, Any]]:
    """As NDJSON has them, made by DuckDB from the file: what is no JSON type is text."""
    file = folder / "rows.parquet"
    file.write_bytes(content)
    found = duckdb.read_parquet(str(file)).query(
        "made",
        """SELECT * REPLACE (
             strftime(first_seen_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') AS first_seen_at
           ) FROM made""",
    )
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def as_parquet(row: Mapping[str, Any]) -> dict[str, Any]:
    at, raw = row["first_seen_at"], row["raw_ad"]
    coded = raw and {
        "code": raw["code"] if raw["code"] is None else base64.b64encode(raw["code"]).decode(),
        "total": raw["total"] if raw["total"] is None else str(raw["total"]),
    }
    return {
        **row,
        "first_seen_at": at and at.replace(tzinfo=None).isoformat(timespec="microseconds"),
        "raw_ad": raw and {**raw, **coded},
    }


@settings(max_examples=12)
@given(found=st.lists(rows, max_size=25))
def test_parquet_has_every_value_of_every_row(tmp_path_factory: pytest.TempPathFactory, found: list[Any]) -> None:
    numbered = [{**row, "width": number} for number, row in enumerate(found)]

    read = parquet_rows(exported(Format.PARQUET, numbered), tmp_path_factory.mktemp("parquet"))

    for line in read:
        if line["raw_ad"] and line["raw_ad"]["labels"] is not None:
            line["raw_ad"]["labels"] = json.loads(line["raw_ad"]["labels"])
    assert sorted(read, key=lambda row: row["width"]) == [as_parquet(row) for row in numbered]


def test_parquet_has_bigquerys_types(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(exported(Format.PARQUET, []))

    read = duckdb.read_parquet(str(tmp_path / "rows.parquet"))
    types = dict(zip(read.columns, map(str, read.types), strict=True))

    assert types["width"] == "BIGINT"
    assert types["cost_usd"] == "DECIMAL(38,9)"
    assert types["first_seen_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["features"].startswith('STRUCT("text" VARCHAR, price DOUBLE, dominant_colors VARCHAR[], scenes STRUCT')


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_numbers_that_json_lacks_are_kept(number: float, tmp_path: Path) -> None:
    found = [{"score": number}]

    (line,) = csv_rows(exported(Format.CSV, found))
    (row,) = parquet_rows(exported(Format.PARQUET, found), tmp_path)

    assert str(line["score"]) == str(row["score"]) == str(number)
    assert str(float(json.loads(exported(Format.NDJSON, found))["score"])) == str(number)


@pytest.mark.parametrize("chosen", Format)
def test_a_row_larger_than_duckdbs_usual_limit_is_written(chosen: Format) -> None:
    found = [{"ad_id": "a" * 20_000_000}]

    assert exported(chosen, found)


def test_rows_are_read_as_they_are_written_and_progress_is_told() -> None:
    events: list[str] = []

    def paged() -> Iterator[dict[str, Any]]:
        for number in range(files.PAGE_ROWS + 1):
            yield {"width": number}

    class Out(io.BytesIO):
        def write(self, content: Any) -> int:
            events.append("written")
            return super().write(content)

    files.write(Table(SCHEMA, paged()), Format.NDJSON, Out(), lambda count: events.append(f"read {count}"))

    assert events.index(f"read {files.PAGE_ROWS}") == files.PAGE_ROWS
    assert events[-1] == f"read {files.PAGE_ROWS + 1}"


def ads(count: int) -> list[Ad]:
    return [
        Ad(event_id="e", ad_id=f"ad {n}", source=f"https://a.example/{n}", batch_id="b", origin=Origin.BATCH)
        for n in range(count)
    ]


def test_every_ad_of_a_dataset_is_exported_over_several_pages(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PAGE_ROWS", 7)
    dataset.load("ads", ads(30))

    table = files.read(dataset.client, f"{PROJECT}.{dataset.name}")
    file = io.BytesIO()
    count = files.write(table, Format.NDJSON, file)

    found = [json.loads(line) for line in file.getvalue().splitlines()]
    assert (count, table.n_rows) == (30, 30)
    assert {ad["ad_id"] for ad in found} == {f"ad {n}" for n in range(30)}
    assert {ad["status"] for ad in found} == {"pending"}


def test_the_users_own_columns_come_along(dataset: Dataset, tmp_path: Path) -> None:
    raw_ad = {"ad_id": "a1", "url": "https://a.example/1", "impressions": 12, "campaign": "=HYPERLINK(1)"}
    dataset.load("raw_ads", [raw_ad])

    table = files.read(dataset.client, f"{PROJECT}.{dataset.name}")
    file = io.BytesIO()
    files.write(table, Format.CSV, file)

    (line,) = csv_rows(file.getvalue())
    assert (line["ad_id"], line["raw_ad.impressions"]) == ("a1", 12)
    assert line["raw_ad.campaign"] == "'=HYPERLINK(1)"


def test_a_pipe_gets_csv_without_the_mark_that_excel_wants() -> None:
    files_made = []
    for for_excel in (True, False):
        file = io.BytesIO()
        files.write(Table(SCHEMA, [], for_excel=for_excel), Format.CSV, file)
        files_made.append(file.getvalue())

    marked, plain = files_made
    assert marked == codecs.BOM_UTF8 + plain
    assert plain.startswith(b'"')
