"""`import_ads` on a real BigQuery and a real bucket: each raw ad is published once, whatever happens in between."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery, storage
from hypothesis import given
from hypothesis import strategies as st

from functions.import_ads import changes, claims, history, importing, rawads
from functions.import_ads.claims import Claim, Link
from functions.import_ads.importing import ImportReport
from functions.import_ads.settings import ImportSettings
from shared import batches, identity, partitions
from shared.events import Ad, Origin
from shared.idempotency import StillInProgressError
from shared.settings import SettingsError
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of, some_of


class CrashError(Exception):
    """The instance is gone."""


class Importer:
    """Runs imports of one dataset and keeps what they publish."""

    def __init__(self, dataset: Dataset, bucket: storage.Bucket, **options: object) -> None:
        self.dataset = dataset
        self.bucket = bucket
        self.messages: list[bytes] = []
        self.settings = settings(dataset=dataset.name, **{"import_items_per_batch": 10, **options})

    def run(self, publish: Callable[[bytes], object] | None = None) -> ImportReport:
        return importing.run(self.settings, self.dataset.client, self.bucket, publish or self.messages.append)

    def links(self) -> Counter[Link]:
        """How often each link was published."""
        return Counter((ad.ad_id, ad.source) for message in self.messages for ad in ads(message))

    def deliver(self) -> None:
        """What `fetch` and the BigQuery subscription do with the messages: each ad becomes a row."""
        self.dataset.load("ads", [ad for message in self.messages for ad in ads(message)])

    def claims(self) -> list[Claim]:
        return list(claims.outstanding(self.bucket))


def settings(**options: object) -> ImportSettings:
    names = {part: f"test-{part}" for part in ("creatives_bucket", "results_bucket", "staging_bucket")}
    return ImportSettings.model_validate({"google_cloud_project": PROJECT, **names, **options})


def ads(message: bytes) -> Iterable[Ad]:
    """The ads of a message, as `fetch` reads it."""
    batch = batches.parse(message, {})
    assert batch.batch_id
    for item in batch.items():
        assert isinstance(item, batches.Item)
        yield Ad(event_id="e", ad_id=item.ad_id, source=item.url, batch_id=batch.batch_id, origin=batch.origin)


def raw_ads(count: int) -> list[dict[str, Any]]:
    return [{"ad_id": f"ad-{number}", "url": f"https://x.example/{number}.jpg"} for number in range(count)]


def links_of(rows: Iterable[dict[str, Any]]) -> Counter[Link]:
    return Counter((row["ad_id"], row["url"]) for row in rows)


@pytest.fixture
def importer(dataset: Dataset, bucket: storage.Bucket) -> Importer:
    return Importer(dataset, bucket)


def test_every_raw_ad_is_published_in_batches(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(25))

    report = importer.run()

    assert report == ImportReport(published=25, batches=3, skipped=0, finished=True)
    assert importer.links() == links_of(raw_ads(25))
    assert {ad.origin for message in importer.messages for ad in ads(message)} == {Origin.RAW_ADS}


def test_nothing_is_published_twice_while_it_is_on_its_way(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(25))
    importer.run()

    report = importer.run()

    assert report == ImportReport(published=0, batches=0, skipped=25, finished=True)
    assert importer.links() == links_of(raw_ads(25))


def test_what_has_arrived_is_forgotten_and_new_rows_go_on(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(25))
    importer.run()
    importer.deliver()
    importer.dataset.load("raw_ads", raw_ads(30)[25:])

    report = importer.run()

    assert report == ImportReport(published=5, batches=1, skipped=0, finished=True)
    assert importer.links() == links_of(raw_ads(30))
    assert [claim.size for claim in importer.claims()] == [5]


def test_an_ad_that_was_published_directly_is_not_imported(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(3))
    known = Ad(event_id="e", ad_id="ad-1", source="https://x.example/1.jpg", batch_id="b", origin=Origin.BATCH)
    importer.dataset.load("ads", [known])

    importer.run()

    assert importer.links() == links_of([raw_ads(3)[0], raw_ads(3)[2]])


@pytest.mark.parametrize("accepted", [False, True], ids=["before it was accepted", "after it was accepted"])
@pytest.mark.parametrize("crash_at", some_of([0, 1, 2], in_the_gate=[1]))
def test_a_crash_in_mid_import_loses_nothing(importer: Importer, crash_at: int, accepted: bool) -> None:
    importer.dataset.load("raw_ads", raw_ads(25))

    def crashing(message: bytes) -> None:
        if len(importer.messages) < crash_at:
            importer.messages.append(message)
            return
        if accepted:
            importer.messages.append(message)
        raise CrashError

    with pytest.raises(CrashError):
        importer.run(crashing)
    importer.run()
    importer.run()

    assert importer.links().keys() == links_of(raw_ads(25)).keys()
    repeated = [message for message, times in Counter(importer.messages).items() if times > 1]
    assert len(repeated) == (1 if accepted else 0)
    assert sum(times - 1 for times in importer.links().values()) == (10 if accepted and crash_at < 2 else 5 * accepted)


def test_a_second_import_leaves_the_work_to_the_first(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(5))
    refused = []

    def overlapping(message: bytes) -> None:
        with pytest.raises(StillInProgressError):
            importer.run()
        refused.append(message)

    importer.run(overlapping)

    assert len(refused) == 1
    assert importer.messages == []


def test_an_import_ends_in_time_and_the_next_one_goes_on(dataset: Dataset, bucket: storage.Bucket) -> None:
    dataset.load("raw_ads", raw_ads(25))
    hasty = Importer(dataset, bucket, import_seconds=1e-9)
    patient = Importer(dataset, bucket)

    first, second = hasty.run(), patient.run()

    assert not first.finished
    assert second.finished
    assert hasty.links() + patient.links() == links_of(raw_ads(25))


def test_rows_without_id_or_url_are_left_out_and_accounted_for(importer: Importer) -> None:
    unusable = [{"ad_id": "  ", "url": "https://x.example/a"}, {"ad_id": "b"}, {"ad_id": "c", "url": "\u00a0\t"}]
    long = [{"ad_id": "d" * 1025, "url": "https://x.example/d"}, {"ad_id": "e", "url": f"data:,{'e' * 500_000}"}]
    importer.dataset.load("raw_ads", [*raw_ads(1), *unusable, *long])

    importer.run()

    assert importer.links() == links_of(raw_ads(1))
    statuses = importer.dataset.query("SELECT status, reason, ads FROM pipeline_status")
    counts = {(row["status"], row["reason"]): row["ads"] for row in statuses}
    assert counts == {("failed", "malformed_ad"): 5, ("pending", None): 1}


def queries(importer: Importer) -> int:
    """How many queries the server has run."""
    return sum(1 for job in importer.dataset.client.list_jobs(all_users=True) if job.job_type == "query")


def settle(importer: Importer) -> None:
    """Imports all that there is, and again when it has arrived: then nothing is under way any more."""
    importer.run()
    importer.deliver()
    importer.run()


def test_an_import_asks_nothing_while_the_raw_ads_are_what_they_were(importer: Importer) -> None:
    importer.dataset.load("raw_ads", raw_ads(25))
    settle(importer)
    before = queries(importer)

    report = importer.run()

    assert report == ImportReport(published=0, batches=0, skipped=0, finished=True)
    assert queries(importer) == before > 0


@pytest.mark.parametrize(("usd", "rests"), [(0.0, False), (1.0, True)])
def test_what_is_new_waits_until_reading_costs_no_more_a_day_than_it_may(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, usd: float, rests: bool
) -> None:
    importer.dataset.load("raw_ads", raw_ads(2))
    importer.run()
    monkeypatch.setattr(rawads, "usd_of", lambda *_: usd)
    importer.dataset.load("raw_ads", [{"ad_id": "new", "url": "https://x.example/new.jpg"}])
    before = queries(importer)

    report = importer.run()

    assert (report.rests, report.finished) == (rests, not rests)
    assert importer.links()["new", "https://x.example/new.jpg"] == (not rests)
    assert rests is False or queries(importer) - before == 1  # whether its own have arrived
    assert importing.run(
        importer.settings, importer.dataset.client, importer.bucket, importer.messages.append, now=True
    ).finished
    assert importer.links()["new", "https://x.example/new.jpg"] == 1


def test_a_claim_that_a_crash_left_is_published_while_reading_rests(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rawads, "usd_of", lambda *_: 1.0)
    importer.run()
    claims.take(importer.bucket, [("left", "https://x.example/left.jpg")])
    importer.dataset.load("raw_ads", raw_ads(1))

    report = importer.run()

    assert (report.published, report.rests) == (1, True)
    assert importer.links() == Counter([("left", "https://x.example/left.jpg")])


def test_a_day_of_imports_costs_what_it_may_however_much_there_is_to_read() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    spent = {}
    for usd in (0.001, 0.04, 0.055, 0.1, 0.5, 3.0, 5.0):
        at, reads = start, 0
        noted = changes.Noted()
        while at < start + timedelta(days=10):
            if at >= noted.rests_until(usd, 5.0):
                noted, reads = changes.Noted(changes.State().after(noted), at), reads + 1
            at += timedelta(minutes=15)
        spent[usd] = (reads - 1) * usd / 10  # the first one was paid for a day that was before

    assert max(spent.values()) <= 5.0
    assert spent[0.001] == pytest.approx(0.096, rel=0.01)
    assert (
        min(spent[usd] for usd in (0.055, 0.1, 0.5, 3.0, 5.0)) > 4.4
    )  # where a rest lasts from tick to tick or longer


def test_the_times_of_earlier_imports_are_noted(importer: Importer) -> None:
    at = []
    for number in range(3):
        importer.dataset.load("raw_ads", [{"ad_id": f"{number}", "url": "https://x.example"}])
        importer.run()
        at.append(changes.noted(importer.bucket).at.isoformat())

    assert changes.noted(importer.bucket).state.earlier == at[:2]


def test_what_another_version_noted_is_no_note(importer: Importer) -> None:
    importer.run()
    said = {**json.loads(importer.bucket.blob(changes.NOTE).download_as_bytes()), "unheard_of": 1}
    importer.bucket.blob(changes.NOTE).upload_from_string(json.dumps(said))

    assert changes.noted(importer.bucket).is_none


@pytest.mark.parametrize(
    ("change", "link"),
    first_of(
        [
            ("INSERT INTO {} (ad_id, url) VALUES ('new', 'https://x.example/new')", ("new", "https://x.example/new")),
            ("UPDATE {} SET url = 'https://x.example/moved' WHERE ad_id = 'ad-0'", ("ad-0", "https://x.example/moved")),
        ]
    ),
)
def test_a_change_of_the_raw_ads_is_noticed(importer: Importer, change: str, link: Link) -> None:
    importer.dataset.load("raw_ads", raw_ads(3))
    settle(importer)

    importer.dataset.query(change.format(f"`{importer.dataset.full_name('raw_ads')}`"))
    importer.run()

    assert importer.links() == links_of(raw_ads(3)) + Counter([link])


def test_other_columns_are_read_though_the_raw_ads_are_what_they_were(dataset: Dataset, bucket: storage.Bucket) -> None:
    dataset.load("raw_ads", [{**raw_ads(1)[0], "video_url": "https://x.example/0.mp4"}])
    settle(Importer(dataset, bucket, raw_ads_url_columns="url"))
    other = Importer(dataset, bucket)

    other.run()

    assert other.links() == Counter([("ad-0", "https://x.example/0.mp4")])


def test_what_was_lost_is_read_again_though_the_raw_ads_are_what_they_were(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.dataset.load("raw_ads", raw_ads(3))
    importer.run()
    importer.messages.clear()
    monkeypatch.setattr(importing, "LOST_AFTER", timedelta(0))

    def crashing(_message: bytes) -> None:
        raise CrashError

    with pytest.raises(CrashError):
        importer.run(crashing)
    monkeypatch.undo()
    importer.run()

    assert importer.links() == links_of(raw_ads(3))


@pytest.mark.long
def test_a_view_as_the_raw_ads_is_read_when_its_table_has_changed(dataset: Dataset, bucket: storage.Bucket) -> None:
    table, view = dataset.full_name("all_ads"), dataset.full_name("my_ads_view")
    dataset.query(f"CREATE OR REPLACE TABLE `{table}` (ad_id STRING, url STRING, live BOOL)")
    dataset.query(f"CREATE OR REPLACE VIEW `{view}` AS SELECT ad_id, url FROM `{table}` WHERE live")
    importer = Importer(dataset, bucket, raw_ads_table=view)
    dataset.query(f"INSERT INTO `{table}` VALUES ('a', 'https://a', TRUE), ('b', 'https://b', FALSE)")
    settle(importer)
    before = queries(importer)
    importer.run()
    unasked = queries(importer) == before

    dataset.query(f"UPDATE `{table}` SET live = TRUE WHERE ad_id = 'b'")
    importer.run()

    assert unasked
    assert importer.links() == Counter([("a", "https://a"), ("b", "https://b")])


def test_a_view_that_asks_for_the_time_is_always_read(dataset: Dataset, bucket: storage.Bucket) -> None:
    view = dataset.full_name("ads_of_today")
    dataset.query(
        f"CREATE OR REPLACE VIEW `{view}` AS SELECT CAST(CURRENT_DATE() AS STRING) AS ad_id, 'https://a' AS url"
    )

    found = changes.description(dataset.client, settings(dataset=dataset.name, raw_ads_table=view))

    assert found is None


@pytest.mark.parametrize("partition", some_of(["DATE", "TIMESTAMP", "DATETIME", "INT64"], ["INT64"]))
def test_a_table_that_wants_a_filter_on_its_partitions_is_read_whole(
    dataset: Dataset, bucket: storage.Bucket, partition: str
) -> None:
    table = dataset.full_name(f"partitioned_{partition.lower()}")
    ranges = "RANGE_BUCKET(part, GENERATE_ARRAY(0, 100, 10))"
    by = {"DATE": "part", "INT64": ranges}.get(partition, f"{partition}_TRUNC(part, DAY)")
    dataset.query(
        f"CREATE OR REPLACE TABLE `{table}` (ad_id STRING, url STRING, part {partition}) PARTITION BY {by} "
        "OPTIONS (require_partition_filter = TRUE)"
    )
    value = "7" if partition == "INT64" else f"{partition} '2026-11-02'"
    dataset.query(f"INSERT INTO `{table}` VALUES ('a', 'https://a', {value}), ('b', 'https://b', NULL)")
    importer = Importer(dataset, bucket, raw_ads_table=table)

    importer.run()

    assert importer.links() == Counter([("a", "https://a"), ("b", "https://b")])


class Reads:
    """What importers ask of the raw ads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self._unseen = rawads.unseen
        monkeypatch.setattr(rawads, "unseen", self.ask)

    def ask(self, client: bigquery.Client, settings: ImportSettings, sql: str) -> Iterable[Link]:
        self.asked.append(sql)
        return self._unseen(client, settings, sql)


@pytest.fixture
def parted(dataset: Dataset, bucket: storage.Bucket) -> Importer:
    """Of a table with a partition for each day, of which two were read."""
    table = dataset.full_name("parted_ads")
    dataset.query(f"CREATE OR REPLACE TABLE `{table}` (ad_id STRING, url STRING, day DATE) PARTITION BY day")
    dataset.query(f"INSERT INTO `{table}` VALUES ('a', 'https://a', '2026-11-02'), ('b', 'https://b', '2026-11-03')")
    importer = Importer(dataset, bucket, raw_ads_table=table)
    settle(importer)
    return importer


def inserted(importer: Importer, *rows: str) -> None:
    importer.dataset.query(f"INSERT INTO `{importer.settings.raw_ads}` VALUES {', '.join(rows)}")


def test_of_a_partitioned_table_the_partitions_that_have_changed_are_read(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Reads(monkeypatch)
    inserted(parted, "('c', 'https://c', '2026-11-03')", "('d', 'https://d', NULL)", "('a', 'https://a', '2026-11-03')")

    report = parted.run()

    [asked] = reads.asked
    assert "(raw.`day` >= DATE '2026-11-03' AND raw.`day` < DATE '2026-11-04') OR raw.`day` IS NULL" in asked
    assert "SELECT DISTINCT link" in asked
    assert (report.published, report.finished) == (2, True)
    assert set(parted.links().values()) == {1}
    assert {ad_id for ad_id, _ in parted.links()} == set("abcd")


def test_partitions_are_not_asked_for_while_the_raw_ads_are_what_they_were(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(rawads, "partitions_now", lambda *what: asked.append(what))

    assert parted.run().finished
    assert asked == []


def long_ago(importer: Importer, *ad_ids: str) -> None:
    """These were published a month ago."""
    at = datetime.now(UTC) - timedelta(days=30)
    known = [
        Ad(event_id="e", ad_id=each, source=f"https://{each}", batch_id="b", origin=Origin.RAW_ADS, occurred_at=at)
        for each in ad_ids
    ]
    importer.dataset.load("ads", known)


def day_of(importer: Importer, day: str, *ad_ids: str) -> None:
    """Rows of a day are read, and have arrived."""
    inserted(importer, *(f"('{each}', 'https://{each}', '{day}')" for each in ad_ids))
    importer.messages.clear()
    importer.run()
    importer.deliver()


def count_again(importer: Importer) -> None:
    """What is repeated was counted so long ago that it is done again."""
    some_time_ago = datetime.now(UTC) - history.COUNTED_EVERY - timedelta(hours=1)
    state = changes.noted(importer.bucket).state
    changes.note(importer.bucket, replace(state, counted_at=some_time_ago.isoformat()))


@pytest.mark.long
def test_ads_of_a_partition_that_came_lately_are_held_against_those_published_since(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Reads(monkeypatch)
    long_ago(parted, *"xyz")

    day_of(parted, "2026-11-04", "c")
    day_of(parted, "2026-11-04", "d", "e")
    bounded = parted.links()
    day_of(parted, "2026-11-03", "f", "x")
    late = parted.links()

    assert ["occurred_at >=" in asked for asked in reads.asked] == [False, True, False]
    assert sorted(ad_id for ad_id, _ in bounded) == ["d", "e"]
    assert list(late) == [("f", "https://f")]


@pytest.mark.long
def test_all_of_the_history_is_read_where_partitions_repeat_the_ads_of_others(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Reads(monkeypatch)
    long_ago(parted, *"xyz")

    day_of(parted, "2026-11-04", "c", "x")
    day_of(parted, "2026-11-04", "y", "z", "d")

    assert ["occurred_at >=" in asked for asked in reads.asked] == [False, False]
    assert list(parted.links()) == [("d", "https://d")]
    assert changes.noted(parted.bucket).state.repeats


@pytest.mark.long
def test_where_each_day_repeats_the_day_before_that_day_is_read_and_not_the_history(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago(parted, *"xyz")
    day_of(parted, "2026-11-04", *"xyz")
    count_again(parted)
    reads = Reads(monkeypatch)

    day_of(parted, "2026-11-05", *"xyzc")
    day_of(parted, "2026-11-06", *"xyz")
    counted = changes.noted(parted.bucket).state
    day_of(parted, "2026-11-06", "d", "c", "b")  # b: not of the day before, which is repeated

    assert (counted.repeats, counted.repeats_others) == (True, False)
    [*_, last] = reads.asked
    assert "occurred_at >=" in last
    assert "raw.`day` >= DATE '2026-11-05' AND raw.`day` < DATE '2026-11-06'" in last
    assert list(parted.links()) == [("d", "https://d")]


@pytest.mark.long
def test_what_came_late_to_the_day_before_is_published_though_the_day_after_repeats_it(parted: Importer) -> None:
    long_ago(parted, *"xyz")
    day_of(parted, "2026-11-04", *"xyz")
    count_again(parted)
    day_of(parted, "2026-11-05", *"xyz")
    day_of(parted, "2026-11-06", *"xyz")
    assert not changes.noted(parted.bucket).state.repeats_others
    inserted(parted, "('e', 'https://e', '2026-11-05')", "('e', 'https://e', '2026-11-06')")

    day_of(parted, "2026-11-06", "f")

    assert sorted(ad_id for ad_id, _ in parted.links()) == ["e", "f"]


@pytest.mark.long
def test_it_is_noticed_when_partitions_begin_to_repeat_ads(parted: Importer) -> None:
    long_ago(parted, *"xyz")
    day_of(parted, "2026-11-04", "c")
    trusted = changes.noted(parted.bucket).state
    count_again(parted)

    day_of(parted, "2026-11-05", "x", "e")  # published again: nothing is lost by it

    assert not trusted.repeats
    assert changes.noted(parted.bucket).state.repeats
    day_of(parted, "2026-11-06", "y", "f")
    assert list(parted.links()) == [("f", "https://f")]


CAME = {day: f"2026-11-{day[6:]}T09:00:00+00:00" for day in ("20261124", "20261125", "20261126", "20261127")}
WANTED: dict[str, tuple[set[str], str | None]] = {
    "one": ({"20261126"}, "2026-11-25"),
    "some": ({"20261125", "20261127"}, "2026-11-24"),
    "one that was there at first": ({"20261103", "20261127"}, None),
    "on their way: those of yesterday and later": ({"__UNPARTITIONED__"}, "2026-11-25"),
    "nothing": (set(), None),
}


@pytest.mark.parametrize(("wanted", "day"), WANTED.values(), ids=WANTED)
def test_nothing_of_a_partition_was_published_before_it_came(wanted: set[str], day: str | None) -> None:
    table = bigquery.Table("p.d.t", schema=[bigquery.SchemaField("part", "DATE")])
    table.time_partitioning = bigquery.TimePartitioning(field="part")
    now = dict.fromkeys([*CAME, "20261103", "__UNPARTITIONED__", "__NULL__"], "1")

    since = history.since(table, now, CAME, wanted, datetime(2026, 11, 27, 9, tzinfo=UTC))

    assert since == (datetime.fromisoformat(f"{day}T09:00:00+00:00") if day else None)


def test_a_partition_keeps_when_it_came_though_it_goes_and_comes_again() -> None:
    came = history.came({"20261127": "2"}, {"20261126": "1"}, CAME, datetime(2026, 11, 28, tzinfo=UTC))

    assert came == CAME


@pytest.mark.long
def test_partitions_of_which_a_run_fails_half_way_are_read_again(
    parted: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserted(parted, *(f"('{number}', 'https://{number}', '2026-11-03')" for number in range(25)))

    def crashing(_message: bytes) -> None:
        raise CrashError

    with pytest.raises(CrashError):
        parted.run(crashing)
    parted.run()

    assert len(parted.links()) == 27
    assert set(parted.links().values()) == {1}


def test_ads_of_before_there_were_links_are_not_published_again(dataset: Dataset, bucket: storage.Bucket) -> None:
    importer = Importer(dataset, bucket)
    dataset.load("raw_ads", raw_ads(3))
    old = [
        Ad(event_id="e", ad_id=row["ad_id"], source=row["url"], batch_id="b", origin="raw_ads") for row in raw_ads(3)
    ]
    dataset.load("ads", [ad.model_dump(mode="json", exclude={"link"}, exclude_none=True) for ad in old])
    importer.run()
    dataset.load("raw_ads", raw_ads(4)[3:])

    importer.run()

    assert importer.links() == links_of(raw_ads(4)[3:])
    assert not changes.noted(bucket).state.linked


@pytest.mark.long
def test_where_partitions_cannot_be_listed_all_is_read(parted: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise Forbidden("bigquery.tables.list")

    reads = Reads(monkeypatch)
    monkeypatch.setattr(rawads, "partitions_now", refused)
    inserted(parted, "('c', 'https://c', '2026-11-03')")

    parted.run()

    assert "WHERE TRUE" in reads.asked[0]
    assert parted.links()["c", "https://c"] == 1


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_link_tells_an_id_from_an_address(ad_id: str, source: str) -> None:
    assert identity.link(ad_id, source) != identity.link(ad_id + source[:1], source[1:])
    assert len(identity.link(ad_id, source)) == 12


PARTED: dict[str, tuple[dict[str, Any], set[str], str | None]] = {
    "days": ({"type_": "DAY"}, {"20261102", "20261103"}, "DATE '2026-11-02' AND raw.`part` < DATE '2026-11-04'"),
    "months": ({"type_": "MONTH"}, {"202612"}, "DATE '2026-12-01' AND raw.`part` < DATE '2027-01-01'"),
    "years": ({"type_": "YEAR"}, {"2024"}, "DATE '2024-01-01' AND raw.`part` < DATE '2025-01-01'"),
    "the last day": ({"type_": "DAY"}, {"99991231"}, "(raw.`part` >= DATE '9999-12-31')"),
    "on their way": ({"type_": "DAY"}, {"__UNPARTITIONED__"}, "(raw.`part` >= DATE '2026-11-26')"),
    "of a kind that is not known": ({"type_": "DAY"}, {"2026110"}, None),
    "too many": (
        {"type_": "DAY"},
        {f"2026{month:02}{day:02}" for month in range(1, 13) for day in range(1, 29, 2)},
        None,
    ),
}


@pytest.mark.parametrize(("parting", "wanted", "said"), PARTED.values(), ids=PARTED)
def test_the_condition_reads_the_wanted_partitions(parting: dict[str, Any], wanted: set[str], said: str | None) -> None:
    table = bigquery.Table("p.d.t", schema=[bigquery.SchemaField("part", "DATE")])
    table.time_partitioning = bigquery.TimePartitioning(field="part", **parting)

    found = partitions.condition(table, wanted, datetime(2026, 11, 27, 9, tzinfo=UTC))

    assert found is None if said is None else said in str(found)


def test_ranges_of_numbers_and_what_is_outside_of_them_are_partitions() -> None:
    table = bigquery.Table("p.d.t", schema=[bigquery.SchemaField("part", "INTEGER")])
    table.range_partitioning = bigquery.RangePartitioning(
        bigquery.PartitionRange(start=0, end=100, interval=10), field="part"
    )

    found = partitions.condition(table, {"0", "10", "50", "__UNPARTITIONED__"}, datetime.now(UTC))

    assert found == (
        "((raw.`part` >= 0 AND raw.`part` < 20) OR (raw.`part` >= 50 AND raw.`part` < 60) "
        "OR raw.`part` < 0 OR raw.`part` >= 100)"
    )


def test_addresses_may_be_lists_json_and_anything_that_is_text(dataset: Dataset, bucket: storage.Bucket) -> None:
    table = dataset.full_name("odd_ads")
    dataset.query(
        f"CREATE OR REPLACE TABLE `{table}` (ad_id INT64, one STRING, many ARRAY<STRING>, anything JSON, number INT64)"
    )
    dataset.query(
        f"""INSERT INTO `{table}` VALUES
        (1, 'https://é/1 "x"', ['https://a/2', 'https://a/3'], JSON '"https://a/4"', 5),
        (2, NULL, [], JSON '["https://a/6", "https://a/7"]', NULL),
        (3, '', [''], JSON '{{"url": "https://a/8"}}', NULL)"""
    )
    importer = Importer(dataset, bucket, raw_ads_table=table, raw_ads_url_columns="one,many,anything,number")

    importer.run()

    ones = ['https://é/1 "x"', "https://a/2", "https://a/3", "https://a/4", "5"]
    assert importer.links() == Counter([*(("1", url) for url in ones), ("2", "https://a/6"), ("2", "https://a/7")])


def test_a_table_of_ones_own_with_several_urls_an_ad(dataset: Dataset, bucket: storage.Bucket) -> None:
    table = f"{PROJECT}.{dataset.name}.my_ads"
    dataset.query(f"CREATE OR REPLACE TABLE `{table}` (ref INT64, landscape STRING, portrait STRING)")
    dataset.query(f"INSERT INTO `{table}` VALUES (1, 'https://a/1', 'https://a/2'), (2, 'https://a/3', NULL)")
    importer = Importer(
        dataset, bucket, raw_ads_table=table, raw_ads_id_column="ref", raw_ads_url_columns="landscape, portrait"
    )

    importer.run()

    assert importer.links() == Counter([("1", "https://a/1"), ("1", "https://a/2"), ("2", "https://a/3")])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("raw_ads_table", "ads"),
        ("raw_ads_table", "p.d.t` UNION ALL SELECT 1 --"),
        ("raw_ads_id_column", "id, 1"),
        ("raw_ads_id_column", "`id`"),
        ("raw_ads_url_columns", "url,"),
        ("raw_ads_url_columns", "url;DROP TABLE x"),
        ("raw_ads_url_columns", ""),
    ],
)
def test_names_that_could_be_anything_else_in_a_query_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for part in ("GOOGLE_CLOUD_PROJECT", "CREATIVES_BUCKET", "RESULTS_BUCKET", "STAGING_BUCKET"):
        monkeypatch.setenv(part, "test")
    monkeypatch.setenv(name.upper(), value)

    with pytest.raises(SettingsError, match=name.upper()):
        ImportSettings.load()


@pytest.mark.parametrize(
    ("published", "age", "lost"),
    [(True, timedelta(days=9), True), (True, timedelta(days=7), False), (False, timedelta(days=9), False)],
)
def test_a_claim_is_lost_when_its_message_must_be_gone(published: bool, age: timedelta, lost: bool) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)

    assert importing.is_lost(Claim("b", 1, published, now - age), now) == lost


@given(
    st.lists(st.tuples(st.text(max_size=20), st.integers(1, 600_000).map(lambda size: "\u00e9" * size)), max_size=12)
)
def test_batches_hold_all_links_in_order_and_fit_into_a_message(links: list[Link]) -> None:
    limits = settings(import_items_per_batch=4, import_bytes_per_batch=1_000_000)

    made = list(importing.batched(links, limits))

    assert [link for batch in made for link in batch] == links
    for batch in made:
        size = len(json.dumps([{"ad_id": ad_id, "url": url} for ad_id, url in batch], ensure_ascii=False).encode())
        assert len(batch) == 1 or (len(batch) <= 4 and size < 1_010_000)
