"""How far ads are, as it is told while they are on their way: the same as the view has it, case by case."""

import pytest

from creatives.analysis import results
from creatives.analysis.results import Far, Key
from tests.bigquery import Dataset
from tests.cases import some_of
from tests.infra.views.rows import Row, World

W = World(1)
CASES: dict[str, tuple[list[Row], Far]] = {
    "nobody has seen it": ([], Far(1, 0, 0)),
    "it was published": ([W.ad("x")], Far(1, 0, 0)),
    "it waits for intake": ([W.sighting("x", "a")], Far(1, 0, 0)),
    "it waits for its features": ([W.sighting("x", "a"), W.fingerprint("a"), W.match("a")], Far(1, 0, 0)),
    "it is analysed": ([W.sighting("x", "a"), *W.analysed("a")], Far(1, 1, 0)),
    "it is a duplicate": ([W.sighting("x", "a"), W.match("a", "b"), *W.analysed("b")], Far(1, 1, 0)),
    "its original waits": ([W.sighting("x", "a"), W.match("a", "b"), W.match("b")], Far(1, 0, 0)),
    "its address leads nowhere": ([W.failed_ad("x")], Far(1, 1, 1)),
    "its file is broken": ([W.sighting("x", "a"), W.failed_creative("a", "hash")], Far(1, 1, 1)),
    "what failed was made good": (
        [W.sighting("x", "a"), W.failed_creative("a", "extract"), *W.analysed("a")],
        Far(1, 1, 0),
    ),
    "another one is analysed": ([W.sighting("y", "a"), *W.analysed("a")], Far(1, 0, 0)),
}


@pytest.mark.parametrize("case", some_of(CASES, ["it is a duplicate", "its original waits", "its file is broken"]))
def test_it_is_told_how_far_an_ad_is(dataset: Dataset, case: str) -> None:
    rows, far = CASES[case]
    _fill(dataset, rows)
    asked: list[Key] = [(W.ad_id("x"), W.url("x"))]

    assert results.how_far(dataset.client, dataset.name, asked) == far
    seen = results.fetch(dataset.client, dataset.name, asked)
    assert Far.of(result.status for result in seen.values()) in (far, Far(0, 0, 0))


def test_two_ads_of_one_address_count_twice_and_one_without_an_address_waits(dataset: Dataset) -> None:
    _fill(dataset, [W.sighting("x", "a"), *W.analysed("a")])

    asked: list[Key] = [("1", W.url("x")), ("2", W.url("x")), ("3", None)]

    assert results.how_far(dataset.client, dataset.name, asked) == Far(3, 2, 0)


def _fill(dataset: Dataset, rows: list[Row]) -> None:
    for row in rows:
        table, content = (row.TOPIC, row) if not isinstance(row, tuple) else row
        dataset.load(table, [content])
