"""Datasets full of cases: each case has a world of its own, so that one dataset, filled once, holds them all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from creatives.operations.tables import Tables
from shared.events import Event
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.rows import Row, World

type Build = Callable[[World], list[Row]]


def fill(dataset: Dataset, rows: Iterable[Row]) -> Tables:
    """Appends rows to their tables."""
    by_table: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        table, content = (row.TOPIC, row) if isinstance(row, Event) else row
        by_table[table].append(content)
    for table, contents in by_table.items():
        dataset.load(table, contents)
    return Tables(dataset.client, f"{PROJECT}.{dataset.name}")


def rows_of(cases: Mapping[str, Build]) -> list[Row]:
    """The rows of all cases, each built in the world of its place."""
    return [row for number, build in enumerate(cases.values()) for row in build(World(number))]


@pytest.fixture
def tables(dataset: Dataset) -> Tables:
    """Empty tables."""
    return fill(dataset, [])
