"""Loads rows into the tables, and reads views."""

import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from shared.events import Event
from tests.bigquery import Dataset
from tests.infra.views.rows import Row


class Tables:
    """The pipeline's tables and views."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def fill(self, rows: Iterable[Row], *, seed: int = 1) -> None:
        """Appends rows to their tables in a random order."""
        by_table: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            table, content = (row.TOPIC, row) if isinstance(row, Event) else row
            by_table[table].append(content)
        for table, contents in by_table.items():
            random.Random(seed).shuffle(contents)
            self._dataset.load(table, contents)

    def empty(self) -> None:
        """Takes all rows out of the tables again."""
        self._dataset.empty()

    def read(self, view: str) -> list[dict[str, Any]]:
        """All rows of a view, in some order."""
        return self._dataset.query(f"SELECT * FROM {view}")

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of any query."""
        return self._dataset.query(sql)


@pytest.fixture
def tables(dataset: Dataset) -> Tables:
    """Empty tables, and the views on them."""
    return Tables(dataset)


@pytest.fixture(scope="module")
def module_tables(module_dataset: Dataset) -> Tables:
    """The tables and views of a module's tests together."""
    return Tables(module_dataset)
