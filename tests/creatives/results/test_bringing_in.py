"""Results come into the local tables and are measured there, and no stage is started for it."""

from pathlib import Path

import pytest

from creatives.results import loading
from tests.bigquery import Dataset
from tests.e2e import pipelines
from tests.functions.measure.test_measuring import filled, of


@pytest.mark.server
def test_a_list_of_results_starts_bigquery_and_nothing_else(tmp_path: Path) -> None:
    listed = tmp_path / "meta.csv"
    listed.write_text("ad_id,date,impressions,clicks\nan ad,2026-11-01,1000,10\n")
    data = tmp_path / "data"

    told = " ".join(pipelines.run("results", listed, data=data).stderr.split())

    assert "1 of 1 ad with results is not known here, e.g. an ad" in told
    assert told.endswith("1 row of results of 1 ad")
    assert [log.name for log in (data / "logs").glob("*.log")] == ["bigquery.log"]


def test_what_works_is_measured_into_its_tables(dataset: Dataset) -> None:
    filled(dataset)

    loading.measure(dataset.client, of(dataset))
    dataset.written |= {"lifts", "fatigue"}

    claims = dataset.query(
        "SELECT verdict FROM current_lifts WHERE feature = 'has_promotion' AND verdict <> 'no claim'"
    )
    worn = dataset.query("SELECT canonical_id FROM current_fatigue WHERE state IN ('worn', 'wearing')")
    assert claims != []
    assert {row["canonical_id"] for row in worn} == {f"{0:040x}"}
