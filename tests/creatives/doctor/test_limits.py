"""What the doctor says of what queries bill. The local BigQuery bills nothing: bytes are given here."""

import json
import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from google.cloud import bigquery

from creatives.doctor import limits
from creatives.doctor.check import Deployment, Status
from creatives.doctor.limits import Limited
from functions.dedup import asking
from functions.dedup.settings import DedupSettings
from functions.import_ads import changes
from functions.import_ads.settings import ImportSettings
from functions.settle import keeping
from shared import wiring
from tests.bigquery import PROJECT, Dataset
from tests.creatives.doctor import google_apis
from tests.creatives.doctor.test_tables import deployment
from tests.gcs import Buckets

__all__ = ["deployment"]

LIMITED = Limited("import_ads", "unseen", "", "IMPORT_MAX_BYTES_BILLED", 100 * 2**30)


@pytest.mark.parametrize(
    ("gib", "status"),
    [(0, Status.OK), (50, Status.OK), (51, Status.WARNING), (100, Status.WARNING), (101, Status.FAULT)],
)
def test_a_query_is_told_of_at_half_of_what_it_may_bill(gib: int, status: Status) -> None:
    said = limits.judged(LIMITED, gib * 2**30)

    assert said.status is status
    assert f"{gib}.00 of 100.00 GiB" in said.found
    assert status is Status.OK or "IMPORT_MAX_BYTES_BILLED" in said.advice


def test_what_an_import_costs_a_day_is_told_beside_its_limit() -> None:
    often = replace(LIMITED, times_a_day=96)

    bounded = limits.judged(replace(often, usd_a_day=2.0), 80 * 2**30).found

    assert limits.judged(often, 10 * 2**30).found.endswith("at most 5.86 US dollars a day")
    assert "at most 2.00 US dollars a day, for which it is asked every 5.9 hours" in bounded
    assert "dollars" not in limits.judged(LIMITED, 10 * 2**30).found


def test_every_query_of_a_function_is_looked_at(deployment: Deployment) -> None:
    found = {check.what: check for check in limits.limits(deployment)}

    assert {check.status for check in found.values()} == {Status.OK}
    bounded = ("arrived", "partitions", "unlinked")  # by their partitions, as metadata, and by eight bytes a row
    within = ("beside", "nothing_beside")  # others
    limited = [file for file in (wiring.ROOT / "functions").glob("*/*.sql") if file.stem not in (*bounded, *within)]
    assert {f"limit {file.parent.name}/{file.stem}" for file in limited} | {"limit dedup/memory"} == set(found)
    assert f"{ImportSettings.model_fields['import_max_bytes_billed'].default / 2**30:.2f} GiB" in (
        found["limit import_ads/unseen"].found
    )
    assert "at most 0.00 US dollars a day" in found["limit import_ads/newer"].found
    assert f"{DedupSettings.model_fields['lookup_max_bytes_billed'].default / 2**30:.2f} GiB" in (
        found["limit dedup/on_record"].found
    )


@pytest.mark.parametrize(
    ("statement", "years"),
    [("standing", {"since": 1}), ("on_record", {"since": 1}), ("decided", {"earliest": 1, "latest": 9999})],
)
def test_a_query_that_may_read_all_partitions_is_judged_by_all(statement: str, years: dict[str, int]) -> None:
    asked = limits.parameters(asking.statement_text(statement))

    times = {each.name: each.value for each in asked if isinstance(each, bigquery.ScalarQueryParameter)}
    assert {name: time.year for name, time in times.items() if isinstance(time, datetime)} == years


def test_the_limits_and_tables_that_are_set_are_those_looked_at(deployment: Deployment, dataset: Dataset) -> None:
    table = f"{PROJECT}.{dataset.name}.other_ads"
    dataset.query(f"CREATE OR REPLACE TABLE `{table}` (key STRING, link STRING)")
    names = {"RAW_ADS_TABLE": table, "RAW_ADS_ID_COLUMN": "key", "RAW_ADS_URL_COLUMNS": "link"}
    limited = {"IMPORT": 2**30, "LOOKUP": 2**31, "MEASURE": 2**32}
    caps = {f"{part}_MAX_BYTES_BILLED": str(most) for part, most in limited.items()}

    found = {check.what: check.found for check in limits.limits(replace(deployment, variables=names | caps))}

    assert "of 1.00 GiB" in found["limit import_ads/unseen"]
    assert "of 1.00 GiB" in found["limit import_ads/newer"]
    assert "of 2.00 GiB" in found["limit dedup/decided"]
    assert "of 4.00 GiB" in found["limit measure/by_day"]


@pytest.fixture
def parted(deployment: Deployment, dataset: Dataset, buckets: Buckets) -> Deployment:
    """Its raw ads are a table with partitions, of a name that no other test uses."""
    table = dataset.full_name(f"parted_{uuid.uuid4().hex}")
    dataset.query(f"CREATE TABLE `{table}` (ad_id STRING, url STRING, day DATE) PARTITION BY day")
    settings = deployment.settings.model_copy(update={"results_bucket": buckets.results.name})
    return replace(deployment, settings=settings, variables={"RAW_ADS_TABLE": table})


@pytest.mark.parametrize(
    ("told", "status", "found"),
    [
        (None, Status.WARNING, "may not list them"),
        ({"20261101": "1", "20261102": "2"}, Status.OK, "2 when import_ads read them"),
    ],
)
def test_an_import_that_may_not_list_partitions_is_told_of_with_the_grant(
    parted: Deployment, buckets: Buckets, told: dict[str, str] | None, status: Status, found: str
) -> None:
    [before] = limits.raw_ads(parted)
    changes.note(buckets.results, changes.State("now", "all", told))

    [said] = limits.raw_ads(parted)

    assert (before.status, before.found) == (Status.OK, "not read yet")
    assert said.status is status
    assert found in said.found
    assert bool(said.advice) == (status is Status.WARNING)
    assert not said.advice or f"ON SCHEMA `{parted.variables['RAW_ADS_TABLE'].rpartition('.')[0]}`" in said.advice


def test_of_raw_ads_without_partitions_it_is_told_where_new_ones_wait_for_that(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(limits.raw_ads(deployment)) == []

    monkeypatch.setattr(limits, "billed", lambda *_: 2**40)
    [said] = limits.raw_ads(deployment)

    assert said.status is Status.WARNING
    assert "each import reads all for 6.25 US dollars, and new ads wait 30.0 hours" in said.found


@pytest.mark.parametrize(
    ("creatives", "status"),
    [(0, Status.OK), (6 * 10**6, Status.OK), (10**7, Status.WARNING), (2 * 10**7, Status.FAULT)],
)
def test_creatives_that_fill_the_memory_of_dedup_are_told_of_at_half_of_it(creatives: int, status: Status) -> None:
    said = limits.held(creatives, 4096 * 2**20)

    assert said.status is status
    assert f"{creatives:,} creatives" in said.found


@pytest.mark.parametrize(("said", "mib"), [("4096Mi", 4096), ("8Gi", 8192), ("1024M", 976), (None, None)])
def test_the_memory_that_is_compared_is_what_the_function_has(said: str | None, mib: int | None) -> None:
    deployed = google_apis.function("dedup")
    deployed["serviceConfig"] |= {"availableMemory": said} if said else {}

    found = limits.memory(google_apis.deployment(function_dedup=deployed), "dedup")

    assert found // 2**20 == (mib or wiring.load().functions["dedup"].memory_mib)


def test_settle_that_may_not_list_partitions_of_raw_ads_is_told_of_with_the_grant(
    parted: Deployment, buckets: Buckets
) -> None:
    kept = {"description": None, "read_as": "all", "partitions": None}
    note = {"partitions": {}, "raw_ads": kept, "compacted_at": "", "ads": 0}
    buckets.results.blob(keeping.NOTE).upload_from_string(json.dumps(note))

    [said] = limits.raw_ads(parted)

    assert said.status is Status.WARNING
    assert "settle may not list them" in said.found
    assert "settle@" in said.advice
