"""What is kept of raw ads: the same as all of them come to, of which the partitions that have changed are read."""

import random
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery
from google.cloud.bigquery import PartitionRange, RangePartitioning, TimePartitioning

from functions.settle import asking, rawads
from functions.settle.rawads import Raw, Reading
from functions.settle.settings import SettleSettings
from shared import partitions
from tests.bigquery import PROJECT, Dataset
from tests.cases import some_of

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)

KINDS: dict[str, tuple[str, TimePartitioning | RangePartitioning]] = {
    "days": ("DATE", TimePartitioning("DAY", field="part")),
    "months": ("DATE", TimePartitioning("MONTH", field="part")),
    "hours": ("TIMESTAMP", TimePartitioning("HOUR", field="part")),
    "days by the minute": ("DATETIME", TimePartitioning("DAY", field="part")),
    "numbers": ("INTEGER", RangePartitioning(PartitionRange(10, 40, 10), field="part")),
}
PARTS = {
    "DATE": ["'2026-11-02'", "'2026-11-03'", "'2026-12-31'", "'0001-01-01'", "NULL"],
    "TIMESTAMP": ["'2026-11-02 08:10:00+00'", "'2026-11-02 09:10:00+00'", "'2026-11-03 00:00:00+00'", "NULL"],
    "DATETIME": ["'2026-11-02 08:10:00'", "'2026-11-02 23:59:59'", "'2026-11-03 00:00:00'", "NULL"],
    "INTEGER": ["10", "19", "20", "39", "9", "40", "-7", "NULL"],
}


class Kept:
    """A table of raw ads, and what is kept of it.

    Attributes:
        kind: the type of the column `part`.
        raw: what was read.
    """

    def __init__(
        self, dataset: Dataset, kind: str = "DATE", by: TimePartitioning | RangePartitioning | None = None
    ) -> None:
        self.dataset, self.kind, self.raw = dataset, kind, Raw()
        name = f"raw_{uuid.uuid4().hex}"
        table = bigquery.Table(
            dataset.full_name(name),
            [
                bigquery.SchemaField(column, of)
                for column, of in (("ad_id", "STRING"), ("url", "STRING"), ("part", kind))
            ],
        )
        if isinstance(by, TimePartitioning):
            table.time_partitioning = by
        elif by:
            table.range_partitioning = by
        dataset.client.create_table(table)
        names = {f"{part}_bucket": part for part in ("creatives", "results", "staging")}
        self.settings = SettleSettings.model_validate(
            {
                "google_cloud_project": PROJECT,
                "dataset": dataset.name,
                "raw_ads_table": dataset.full_name(name),
                **names,
            }
        )
        dataset.written.add(rawads.KEPT)  # to be emptied with the rest

    def change(self, sql: str) -> None:
        """`raw` in it is the table."""
        self.dataset.query(sql.replace("raw", f"`{self.settings.raw_ads}`", 1))

    def insert(self, ad: object, part: str) -> None:
        kind = "INT64" if self.kind == "INTEGER" else self.kind
        self.change(f"INSERT INTO raw VALUES ('{ad}', 'https://x.test/{ad}', CAST({part} AS {kind}))")

    def follow(self) -> Reading | None:
        """What was read."""
        now, reading = rawads.found(self.dataset.client, self.settings, self.raw, None, NOW)
        if reading:
            rawads.read(self.dataset.client, self.settings, reading)
        self.raw = now
        return reading

    def assert_is_all(self) -> None:
        """That what is kept is what all raw ads come to."""
        all_of_them = asking.text("of_raw_ads", self.settings, {"part": "CAST(NULL AS DATE)", "raw_ads_filter": "TRUE"})
        assert self.counted(rawads.KEPT) == self.counted(f"(\n{all_of_them}\n)")

    def counted(self, read: str) -> list[dict[str, Any]]:
        return self.dataset.query(
            f"SELECT ad, is_malformed, SUM(COALESCE(n, 1)) AS n FROM {read} GROUP BY ad, is_malformed ORDER BY ad, n"
        )


@pytest.mark.parametrize("name", some_of(KINDS, in_the_gate=["days by the minute"]))
def test_partitions_that_have_changed_take_the_place_of_what_they_were(dataset: Dataset, name: str) -> None:
    kind, by = KINDS[name]
    kept, dice = Kept(dataset, kind, by), random.Random(5)
    for number, part in enumerate(PARTS[kind]):
        kept.insert(number, part)
        kept.insert("the same", part)
    first = kept.follow()
    kept.assert_is_all()

    for step in range(6):
        part = PARTS[kind][step % len(PARTS[kind])]
        is_it = "part IS NULL" if part == "NULL" else f"part = {part}"
        change = dice.choice(
            [
                f"UPDATE raw SET url = 'https://x.test/corrected/{step}' WHERE {is_it}",
                f"DELETE FROM raw WHERE {is_it}",
                "UPDATE raw SET ad_id = ' ' WHERE ad_id = '1'",
            ]
        )
        kept.change(change)
        kept.insert(f"late {step}", dice.choice(PARTS[kind]))
        reading = kept.follow()
        kept.assert_is_all()
        assert reading is None or not reading.anew, change

    assert first
    assert first.anew
    assert kept.follow() is None


def test_no_other_partition_is_read(dataset: Dataset) -> None:
    kept = Kept(dataset, *KINDS["hours"])
    for part in PARTS["TIMESTAMP"]:
        kept.insert("x", part)
    kept.follow()

    kept.insert("y", "'2026-11-02 09:30:00+00'")
    reading = kept.follow()

    assert reading
    assert reading.names == {
        "part": "DATE_TRUNC(CAST(raw.`part` AS DATE), DAY)",
        "raw_ads_filter": "((raw.`part` >= TIMESTAMP '2026-11-02 00:00:00+00' "
        "AND raw.`part` < TIMESTAMP '2026-11-03 00:00:00+00'))",
        "kept_filter": "((kept.part >= DATE '2026-11-02' AND kept.part < DATE '2026-11-03'))",
    }
    assert kept.dataset.query(f"SELECT part FROM {rawads.KEPT} WHERE part IS NULL") == [{"part": None}]


def test_without_partitions_all_is_read(dataset: Dataset) -> None:
    kept = Kept(dataset)
    for number in range(3):
        kept.insert(number, "NULL")
        reading = kept.follow()
        kept.assert_is_all()
        assert reading
        assert reading.anew


SOURCES = {
    "a view": (
        "CREATE TABLE {0}_all (ref STRING, link STRING, live BOOL)",
        "CREATE VIEW {0} AS SELECT ref, link FROM {0}_all WHERE live",
        "INSERT INTO {0}_all VALUES ('1', 'https://a/1', TRUE), ('2', 'https://a/2', FALSE), ('3', NULL, TRUE)",
    ),
    "a filter on partitions is wanted": (
        "CREATE TABLE {0} (ref STRING, link STRING, part DATE) PARTITION BY part "
        "OPTIONS (require_partition_filter = TRUE)",
        "INSERT INTO {0} VALUES ('1', 'https://a/1', DATE '2026-11-02'), ('3', NULL, NULL)",
    ),
    "addresses that are no text": (
        "CREATE TABLE {0} (ref INT64, link ARRAY<STRING>)",
        "INSERT INTO {0} VALUES (1, ['https://a/1']), (3, [])",
    ),
    "addresses in JSON": (
        "CREATE TABLE {0} (ref INT64, link JSON)",
        """INSERT INTO {0} VALUES (1, JSON '["https://a/1"]'), (3, JSON '{{"url": "https://a/2"}}')""",
    ),
}


@pytest.mark.parametrize("name", some_of(SOURCES, in_the_gate=["a view"]))
def test_raw_ads_may_be_a_view_want_a_filter_and_have_addresses_of_any_type(dataset: Dataset, name: str) -> None:
    table = dataset.full_name(f"raw_{uuid.uuid4().hex}")
    for sql in SOURCES[name]:
        dataset.query(sql.format(table))
    kept = Kept(dataset)
    kept.settings = kept.settings.model_copy(
        update={"raw_ads_table": table, "raw_ads_id_column": "ref", "raw_ads_url_columns": ("link",)}
    )

    first, second = kept.follow(), kept.follow()

    assert first
    assert first.anew
    assert (second is None) == (name == "a filter on partitions is wanted")  # nothing else tells what has changed
    expected = "SELECT FARM_FINGERPRINT('1 1https://a/1') AS ad, NULL AS is_malformed, 1 AS n"
    assert kept.counted(rawads.KEPT) == kept.counted(f"({expected} UNION ALL SELECT NULL, TRUE, 1)")


@pytest.mark.long
def test_where_partitions_may_not_be_listed_all_is_read_and_then_again(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, ask = Kept(dataset, *KINDS["days"]), asking.ask
    kept.insert("x", "'2026-11-02'")
    kept.follow()

    def refused(*args: Any, **more: Any) -> bigquery.QueryJob:
        if args[2] == "partitions":
            raise Forbidden("no")
        return ask(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(asking, "ask", refused)
        kept.insert("y", "'2026-11-03'")
        read = [kept.follow()]
    kept.insert("z", "'2026-11-03'")
    read.append(kept.follow())
    kept.assert_is_all()

    assert [each.anew for each in read if each] == [True, True]


def test_nothing_is_asked_while_the_raw_ads_are_described_alike(dataset: Dataset) -> None:
    kept = Kept(dataset)
    raw, reading = rawads.found(dataset.client, kept.settings, kept.raw, "as they were", NOW)

    assert reading
    assert rawads.found(dataset.client, kept.settings, raw, "as they were", NOW) == (raw, None)


def test_rows_on_their_way_are_read_with_yesterday_and_later_until_they_have_arrived() -> None:
    table = bigquery.Table("p.d.t", [bigquery.SchemaField("part", "DATE")])
    table.time_partitioning = TimePartitioning("MONTH", field="part")
    wanted = partitions.kept_together(table, {partitions.UNPARTITIONED})

    assert (
        partitions.condition(table, wanted, datetime(2026, 12, 1, tzinfo=UTC)) == "((raw.`part` >= DATE '2026-11-01'))"
    )
    assert partitions.kept_condition(table, wanted, datetime(2026, 12, 1, tzinfo=UTC)) == (
        "((kept.part >= DATE '2026-11-01'))"
    )


def test_what_is_kept_is_by_the_rule_of_the_view(dataset: Dataset) -> None:
    odd = [" ", "x" * 1025, "a", ""]
    rows = [{"ad_id": ad_id, "url": url, "video_url": "https://v"} for ad_id in odd for url in ("https://u", " ", None)]
    dataset.load("raw_ads", [{name: value for name, value in row.items() if value is not None} for row in rows])
    dataset.load("raw_ads", [{"ad_id": "none"}, {"ad_id": "a", "url": "https://v", "video_url": "https://v"}])
    names = {f"{part}_bucket": part for part in ("creatives", "results", "staging")}
    own = SettleSettings.model_validate({"google_cloud_project": PROJECT, "dataset": dataset.name, **names})
    whole = asking.text("of_raw_ads", own, {"part": "CAST(NULL AS DATE)", "raw_ads_filter": "TRUE"})

    counted = dataset.query(f"SELECT COALESCE(is_malformed, FALSE) AS bad, ad, COALESCE(n, 1) AS n FROM (\n{whole}\n)")

    by_the_view = dataset.query(
        "SELECT NOT usable AS bad, FARM_FINGERPRINT(CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source)) AS ad, "
        "COUNT(*) AS n FROM raw_links GROUP BY bad, ad"
    )
    assert sorted(map(str, counted)) == sorted(map(str, by_the_view))
    assert {row["bad"] for row in counted} == {True, False}
