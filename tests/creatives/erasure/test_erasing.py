"""Erasing on a real BigQuery and real buckets: what was asked for is gone everywhere, all else is untouched."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage
from typer.testing import CliRunner

from creatives.agents import meaning
from creatives.agents.meaning import Vectors
from creatives.cli import app
from creatives.erasure import erasing
from creatives.erasure.erasing import SharedError, Stored
from functions.dedup.memory import snapshot
from functions.fetch import records
from functions.settle import keeping
from local import dataset as files
from shared import urls, wiring
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of

AD = {"ad_id": "a-1", "source": "https://x.example/1.png"}
OTHER_AD = {"ad_id": "a-2", "source": "https://x.example/2.png"}
ONE, OTHER, COPY = "1" * 40, "2" * 40, "3" * 40
SCHEMAS = {name: files.schema(table) for name, table in wiring.load().tables.items()}
OF_CREATIVES = sorted(
    name for name, columns in SCHEMAS.items() if any(c.name in ("creative_id", "canonical_id") for c in columns)
)


def row(table: str, **values: Any) -> dict[str, Any]:
    """A row with all that is required, whatever it is."""
    fill = {
        "STRING": "x", "TIMESTAMP": "2026-11-02T08:00:00Z", "DATE": "2026-11-02", "INTEGER": 1, "FLOAT": 1.0,
        "BOOLEAN": False,
    }  # fmt: skip
    required = {column.name: fill[column.field_type] for column in SCHEMAS[table] if column.mode == "REQUIRED"}
    return {**required, "occurred_at": fill["TIMESTAMP"], **values}


def letter(name: str, **about: str) -> dict[str, str]:
    attributes = {"CloudPubSubDeadLetterSourceSubscription": "extract"}
    when = {"publish_time": "2026-11-02T08:00:00Z", "subscription_name": "dead-letters-rows"}
    return {
        **when,
        "message_id": name,
        "attributes": json.dumps(attributes),
        "data": json.dumps({"event_id": "e", **about}),
    }


@pytest.fixture
def stored(dataset: Dataset, bucket: storage.Bucket) -> Stored:
    """Two creatives, each with an ad, rows in every table, and objects."""
    uris = {ONE: f"gs://{bucket.name}/fetched/one", OTHER: f"gs://{bucket.name}/fetched/other"}
    ads = {ONE: AD, OTHER: OTHER_AD}
    for table in OF_CREATIVES:
        dataset.load(table, [row(table, **of_creative(table, each, uris[each], ad)) for each, ad in ads.items()])
    dataset.load("ads", [row("ads", **ad) for ad in ads.values()])
    dataset.load("results", [row("results", ad_id=ad["ad_id"]) for ad in ads.values()])
    letters = [letter(f"of {creative_id}", creative_id=creative_id) for creative_id in ads]
    dataset.load("dead_letters", [*letters, letter("of ad 1", **AD), letter("of ad 2", **OTHER_AD)])
    for creative_id, ad in ads.items():
        bucket.blob(f"fetched/{'one' if creative_id == ONE else 'other'}").upload_from_string(b"x")
        kept = [f"{folder}/{creative_id}/a.json" for folder in ("answers", "replies", "embeddings")]
        of_it = [f"thumbnails/{creative_id}.webp", f"renders/{creative_id}.png", *kept]
        for name in (*of_it, record(ad)):
            bucket.blob(name).upload_from_string(b"x")
    index = f"index-{bucket.name}"
    bucket.client.create_bucket(index).blob("parts/one").upload_from_string(b"x")
    return Stored(dataset.client, f"{PROJECT}.{dataset.name}", bucket.client, bucket.name, index)


def of_creative(table: str, creative_id: str, uri: str, ad: dict[str, str]) -> dict[str, str]:
    """What a table that names creatives says of one, in the columns that it has."""
    known = {column.name for column in SCHEMAS[table]}
    of_ad = ad if table == "sightings" else {}
    values = {"creative_id": creative_id, "uri": uri, "canonical_id": creative_id, **of_ad}
    return {name: value for name, value in values.items() if name in known}


def record(ad: dict[str, str]) -> str:
    return records.object_name(urls.web_url(ad["source"]))


def counts(dataset: Dataset) -> dict[str, int]:
    tables = [*OF_CREATIVES, "ads", "results", "dead_letters"]
    counted = (f"SELECT '{table}' AS name, COUNT(*) AS n FROM {table}" for table in tables)
    return {row["name"]: row["n"] for row in dataset.query(" UNION ALL ".join(counted))}


def names(bucket: storage.Bucket) -> Iterator[str]:
    return (blob.name for blob in bucket.list_blobs())


def test_a_creative_is_gone_from_every_table_and_bucket_with_the_ads_that_show_it(
    dataset: Dataset, bucket: storage.Bucket, stored: Stored
) -> None:
    found = erasing.find(stored, "creative", ONE)

    erasing.erase(stored, found)

    assert found.rows == dict.fromkeys([*OF_CREATIVES, "ads", "results", "dead_letters"], 1)
    assert counts(dataset) == {**dict.fromkeys([*OF_CREATIVES, "ads", "results"], 1), "dead_letters": 3}
    assert [ad["ad_id"] for ad in dataset.query("SELECT ad_id FROM ads")] == ["a-2"]
    results = {f"thumbnails/{OTHER}.webp", f"renders/{OTHER}.png"}
    results |= {f"{folder}/{OTHER}/a.json" for folder in ("answers", "replies", "embeddings")}
    assert set(names(bucket)) == {"fetched/other", *results, record(OTHER_AD)}
    assert set(names(bucket.client.bucket(stored.index_bucket))) == {snapshot.LIST}
    assert erasing.find(stored, "creative", ONE).rows == {}


def test_an_ad_is_gone_and_its_creative_stays(dataset: Dataset, bucket: storage.Bucket, stored: Stored) -> None:
    before = counts(dataset)
    bucket.blob(keeping.NOTE).upload_from_string(b"{}")

    erasing.erase(stored, erasing.find(stored, "ad", "a-1"))

    assert counts(dataset) == {**before, "ads": 1, "sightings": 1, "results": 1, "dead_letters": 3}
    assert record(AD) not in set(names(bucket))
    assert keeping.NOTE not in set(names(bucket)), "what is counted is to be read anew"
    assert "fetched/one" in set(names(bucket))
    assert set(names(bucket.client.bucket(stored.index_bucket))) == {"parts/one"}


@pytest.mark.long
def test_it_is_told_which_ads_go_with_a_creative_and_which_creatives_an_ad_leaves(stored: Stored) -> None:
    assert erasing.find(stored, "creative", ONE).ads == ("a-1",)
    assert erasing.find(stored, "ad", "a-1").left == {ONE: 0}


@pytest.mark.long
@pytest.mark.parametrize("attributes", first_of([{}, {"event_id": "chain"}]))
def test_of_a_batch_that_was_given_up_the_other_ads_stay_given_up(
    dataset: Dataset, stored: Stored, attributes: dict[str, str]
) -> None:
    items = [{"ad_id": ad["ad_id"], "url": ad["source"]} for ad in (AD, OTHER_AD)] + ["https://x.example/3.png"]
    batch = letter("of a batch")
    batch["attributes"] = json.dumps({"CloudPubSubDeadLetterSourceSubscription": "fetch-batches", **attributes})
    dataset.load("dead_letters", [{**batch, "data": json.dumps({"batch_id": "b", "items": items})}])
    others = (
        "SELECT event_id, ad_id, source, batch_id FROM given_up WHERE subscription = 'fetch-batches'"
        " AND ad_id != 'a-1' ORDER BY ad_id"
    )
    before = dataset.query(others)

    erasing.erase(stored, erasing.find(stored, "ad", "a-1"))

    assert dataset.query(others) == before
    assert [row["ad_id"] for row in before] == ["a-2", "https://x.example/3.png"]
    assert not dataset.query("SELECT data FROM dead_letters WHERE data LIKE '%x.example/1.png%'")


@pytest.mark.long
def test_what_came_of_a_batch_that_was_split_since_is_erased_with_its_ad(dataset: Dataset, stored: Stored) -> None:
    attributes = {"CloudPubSubDeadLetterSourceSubscription": "fetch-batches", "event_id": "chain"}
    batch = {**letter("of a batch"), "attributes": json.dumps(attributes), "data": json.dumps([AD["source"]])}
    dataset.load("dead_letters", [batch])
    dataset.load("ads", [row("ads", ad_id=AD["source"], event_id="chain-0", occurred_at="2026-11-03T08:00:00Z")])
    assert not dataset.query("SELECT message_id FROM given_up WHERE subscription = 'fetch-batches'")

    erasing.erase(stored, erasing.find(stored, "ad", AD["source"]))

    assert not dataset.query("SELECT data FROM dead_letters WHERE message_id = 'of a batch'")


def test_a_creative_whose_features_others_show_is_not_erased(dataset: Dataset, stored: Stored) -> None:
    dataset.load("matches", [row("matches", creative_id=COPY, canonical_id=ONE, family_id=ONE, match="duplicate")])

    with pytest.raises(SharedError, match=COPY):
        erasing.find(stored, "creative", ONE)


@pytest.mark.long
def test_erasing_may_be_repeated(dataset: Dataset, stored: Stored) -> None:
    found = erasing.find(stored, "creative", ONE)
    erasing.erase(stored, found)

    erasing.erase(stored, found)

    assert dataset.query("SELECT creative_id FROM creatives") == [{"creative_id": OTHER}]


def test_of_several_deployments_in_a_project_the_named_ones_bucket_is_erased_from(
    dataset: Dataset, gcs: storage.Client
) -> None:
    buckets = {name: gcs.create_bucket(f"{PROJECT}-{name}-results") for name in ("creatives", "ads-dev")}
    for name, each in buckets.items():
        gcs.create_bucket(f"{PROJECT}-{name}-index").blob("parts/one").upload_from_string(b"x")
        each.blob(f"thumbnails/{ONE}.webp").upload_from_string(b"x")
    asked = ["erase", "--creative", ONE, "--project", PROJECT, "--dataset", dataset.name, "--name", "ads-dev"]

    listed = CliRunner().invoke(app, [*asked, "--dry-run"])
    ended = CliRunner().invoke(app, [*asked, "--yes"])

    assert (listed.exit_code, ended.exit_code) == (0, 0)
    assert f"gs://{PROJECT}-ads-dev-results/thumbnails/{ONE}.webp" in listed.stdout
    assert {name: len([*names(each)]) for name, each in buckets.items()} == {"creatives": 1, "ads-dev": 0}
    assert {name: [*names(gcs.bucket(f"{PROJECT}-{name}-index"))] for name in buckets} == {
        "creatives": ["parts/one"],
        "ads-dev": [snapshot.LIST],
    }


def test_what_was_made_of_its_text_to_find_it_by_goes_too(
    dataset: Dataset, bucket: storage.Bucket, stored: Stored, tmp_path: Path
) -> None:
    kept = meaning.file_of(tmp_path, stored.dataset)
    Vectors.kept(kept).keep(kept)
    asked = ["erase", "--creative", ONE, "--project", PROJECT, "--dataset", dataset.name, "--data", str(tmp_path)]

    assert CliRunner().invoke(app, [*asked, "--dry-run"]).exit_code == 0
    assert kept.exists()
    assert CliRunner().invoke(app, [*asked, "--yes"]).exit_code == 0
    assert not kept.exists()


def test_every_table_with_a_creative_in_it_is_erased_from() -> None:
    text = (files.SCHEMAS.parent.parent / "creatives" / "erasure" / "erase_creative.sql").read_text()

    assert [table for table in OF_CREATIVES if f"DELETE FROM {table} " not in text] == []
