"""Results of ads that nobody analysed are told of: they are no creative's."""

import pytest

from creatives.results import commands
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World


@pytest.mark.parametrize("known", [True, False])
def test_who_brings_in_results_is_told_which_ads_are_not_known(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], known: bool
) -> None:
    w = World()
    Tables(dataset).fill([w.sighting("one", "creative"), *w.analysed("creative")])
    got = [w.ad_id("one"), *([] if known else ["e00.png"])]
    values = {"event_id": "e", "source": "list", "occurred_at": "2026-11-02T08:00:00Z", "impressions": 7}
    dataset.load("results", [{"ad_id": ad_id, **values} for ad_id in got])

    commands._tell_unknown(f"{PROJECT}.{dataset.name}")

    told = " ".join(capsys.readouterr().err.split())
    assert ("1 of all 2 ads with results are not known here, e.g. e00.png: " in told) is not known
