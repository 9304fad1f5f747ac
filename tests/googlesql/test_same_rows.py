"""The local BigQuery answers as Google's reference implementation does: all views and queries, on random rows.

    .venv/bin/pytest tests/googlesql/test_same_rows.py --datasets 200 --timeout 0

Without the option a few datasets are drawn. Many lie side by side in the tables, each with ids of its own: whoever asks
pays for the statement, hardly for the rows. Where the two differ, local/bigquery.py mends what is wrong with ours.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import permutations
from random import Random
from typing import Any

import pytest
from google.cloud import bigquery
from hypothesis import Phase, example, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from local import dataset as files
from shared import wiring
from tests.bigquery import Dataset
from tests.googlesql import drawn, statements
from tests.googlesql.catalog import Catalog, filled, of_everything, view_text
from tests.googlesql.engine import Engine
from tests.googlesql.evaluator import Evaluator
from tests.googlesql.statements import declared

pytestmark = pytest.mark.slow

WIRED = wiring.load()
SCHEMAS = {name: json.loads((files.SCHEMAS / table.schema_file).read_text()) for name, table in WIRED.tables.items()}
NOT_EVALUATED = ("${view}", "DELETE FROM", "INSERT INTO", "MERGE INTO", "NORMALIZE(", "INFORMATION_SCHEMA")
"""What the evaluator is not asked: what is filled in, changed or told of tables, and what needs Unicode's tables."""
OF_QUERIES = ("creatives/", "functions/", "infra/looker/", "local/")
QUERIES = {
    name: text
    for name, text in statements.files()
    if name.startswith(OF_QUERIES) and not any(part in text for part in NOT_EVALUATED)
}
FILTERED = [name for name, text in QUERIES.items() if "COALESCE(ARRAY_LENGTH(@" in text]
FEWEST_ROWS, MOST_ROWS = 6, 12  # of a table, at most
SIDE_BY_SIDE = 20  # datasets


@pytest.fixture(scope="module")
def catalog(google: Engine) -> Catalog:
    return of_everything(google)


@dataclass(frozen=True)
class Drawn:
    """So many drawn datasets, side by side, and the reference implementation's answers of the views."""

    datasets: int
    rows: dict[str, list[dict[str, Any]]]
    evaluator: Evaluator
    views: dict[str, list[dict[str, Any]]]


type Draw = Callable[[int, int, int], Drawn]


@pytest.fixture(scope="module")
def draw(catalog: Catalog) -> Draw:
    """Makes so many datasets by a number, of so many rows a table; tests share what they tell: that takes seconds."""

    @cache
    def made(number: int, most: int, datasets: int) -> Drawn:
        rows = drawn.tables(Random(number), SCHEMAS, most, datasets)
        evaluator = Evaluator(catalog, rows)
        views = {view: evaluator.add_view(view, view_text(view)) for view in WIRED.views}
        return Drawn(datasets, rows, evaluator, views)

    return made


def test_views_answer_as_googles_reference_does(dataset: Dataset, draw: Draw, datasets: int) -> None:
    def agree(made: Drawn) -> None:
        local = {view: dataset.query(f"SELECT * FROM {view}") for view in WIRED.views}
        assert [line for view in WIRED.views for line in _differences(view, local[view], made.views[view])] == []

    _on_datasets(dataset, draw, datasets, agree)


def test_queries_answer_as_googles_reference_does(dataset: Dataset, draw: Draw, datasets: int) -> None:
    own = {"project": dataset.client.project, "dataset": dataset.name, "raw_ads": dataset.full_name("raw_ads")}

    def agree(made: Drawn) -> None:
        random, differences = Random(len(made.rows["ads"])), list[str]()
        for name, text in QUERIES.items():
            values = {each: drawn.parameter(random, each, kind, made.datasets) for each, kind in declared(text).items()}
            expected = made.evaluator.query(filled(text), values)
            answered = dataset.query(filled(text, **own), list(_parameters(text, values)))
            differences += _differences(name, answered, expected)
        assert differences == []

    _on_datasets(dataset, draw, datasets, agree)


def _on_datasets(dataset: Dataset, draw: Draw, count: int, agree: Callable[[Drawn], None]) -> None:
    """Whether `agree` holds of at least so many drawn datasets; the first are the same for all who ask."""
    times = math.ceil(count / SIDE_BY_SIDE)
    together = math.ceil(count / times)
    phases = [Phase.explicit, *([Phase.generate] if times > 1 else [])]

    @property_settings(max_examples=max(1, times - 1), derandomize=True, phases=phases)
    @given(number=st.integers(0, 2**32), most=st.integers(FEWEST_ROWS, MOST_ROWS))
    @example(number=0, most=MOST_ROWS)
    def hold(number: int, most: int) -> None:
        made = draw(number, most, together)
        dataset.empty()
        for table, rows in made.rows.items():
            dataset.load(table, [json.loads(json.dumps(row, default=_as_loaded)) for row in rows])
        agree(made)

    hold()


@pytest.mark.parametrize("differing", ["batch_id", "uri"])
def test_of_failures_that_differ_in_nothing_else_the_same_one_is_shown(catalog: Catalog, differing: str) -> None:
    common = {"event_id": "e", "schema_version": 1, "occurred_at": drawn.START, "stage": "fetch", "ad_id": "a"}
    failures = [{**common, "source": "s", "reason": "not_found", "detail": "d", differing: x} for x in (None, "1", "2")]
    shown = [Evaluator(catalog, {"failures": rows}).query(view_text("current_failures")) for rows in _orders(failures)]

    assert [[row[differing] for row in rows] for rows in shown] == [["2"]] * 6


def _orders(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [list(order) for order in permutations(rows)]


@pytest.mark.parametrize("name", FILTERED)
def test_a_list_that_arrives_as_null_filters_nothing(draw: Draw, datasets: int, name: str) -> None:
    text = filled(QUERIES[name])
    kinds = declared(text)
    whole = {each: _unfiltered(kind) for each, kind in kinds.items()}
    null = {each: None if kind == "ARRAY<STRING>" else whole[each] for each, kind in kinds.items()}
    evaluator = next(each for each in _evaluators(draw, datasets) if each.query(text, whole))

    answered = evaluator.query(text, null)

    assert answered == evaluator.query(text, whole)
    assert answered != []


def _evaluators(draw: Draw, datasets: int) -> Iterator[Evaluator]:
    """Of more and more datasets: what a query finds nothing in tells nothing of its filters."""
    return (draw(number, MOST_ROWS, min(datasets, 5)).evaluator for number in range(50))


def _unfiltered(kind: str) -> Any:
    return {"ARRAY<STRING>": [], "INT64": 10_000, "BOOL": False, "TIMESTAMP": None}.get(kind)


def _parameters(
    text: str, values: Mapping[str, Any]
) -> Iterator[bigquery.ArrayQueryParameter | bigquery.ScalarQueryParameter]:
    for name, kind in declared(text).items():
        if kind.startswith("ARRAY<STRUCT<"):
            fields = dict(field.split() for field in kind[len("ARRAY<STRUCT<") : -2].split(", "))
            yield bigquery.ArrayQueryParameter(name, "STRUCT", [_struct(fields, each) for each in values[name]])
        elif kind.startswith("ARRAY<"):
            yield bigquery.ArrayQueryParameter(name, kind[len("ARRAY<") : -1], values[name])
        else:
            yield bigquery.ScalarQueryParameter(name, kind, values[name])


def _struct(fields: Mapping[str, str], value: Mapping[str, Any]) -> bigquery.StructQueryParameter:
    return bigquery.StructQueryParameter(
        None, *(bigquery.ScalarQueryParameter(name, kind, value[name]) for name, kind in fields.items())
    )


def _as_loaded(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _differences(name: str, local: Sequence[Any], expected: Sequence[Any]) -> Iterator[str]:
    """The rows that only one of the two has, the first few with the columns that differ."""
    ours, theirs = Counter(map(_key, local)), Counter(map(_key, expected))
    only_ours, only_theirs = sorted((ours - theirs).elements()), sorted((theirs - ours).elements())
    if only_ours or only_theirs:
        yield f"{name}: {len(only_ours)} rows are ours alone, {len(only_theirs)} Google's alone"
    for one, other in list(zip(only_ours, only_theirs, strict=False))[:3]:
        a, b = json.loads(one), json.loads(other)
        yield f"  {[(column, a.get(column), b.get(column)) for column in b if a.get(column) != b.get(column)]}"


def _key(row: Mapping[str, Any]) -> str:
    return json.dumps({column: _plain(value) for column, value in row.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case Decimal():  # DuckDB divides by floats: of half a billionth it may make none, where BigQuery makes one
            return format(round(value, 7).normalize(), "f")
        case float():
            return round(value, 9) if math.isfinite(value) else str(value)
        case None | str() | bool() | int():
            return value
        case _:
            return value.isoformat()
