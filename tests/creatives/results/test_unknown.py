"""Results of ads that nobody analysed are told of, and those that tell what others tell in more detail."""

import pytest

from creatives.operations.tables import Tables as Questions
from creatives.results import commands, loading
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
    values = {"event_id": "run-0", "source": "list", "occurred_at": "2026-11-02T08:00:00Z", "impressions": 7}
    earlier = {**values, "event_id": "another-0", "ad_id": "of an earlier list"}
    dataset.load("results", [*({"ad_id": ad_id, **values} for ad_id in got), earlier])

    commands._tell_unknown(f"{PROJECT}.{dataset.name}", ["run"])

    told = " ".join(capsys.readouterr().err.split())
    assert ("1 of 2 ads with results is not known here, e.g. e00.png: " in told) is not known


@pytest.mark.parametrize("network", [None, "meta"])
def test_who_brings_in_the_same_results_twice_is_told(
    dataset: Dataset, capsys: pytest.CaptureFixture[str], network: str | None
) -> None:
    values = {"ad_id": "7", "day": "2026-10-01", "source": "list", "impressions": 7}
    first = {**values, "event_id": "one-0", "occurred_at": "2026-11-02T08:00:00Z", "network": "meta"}
    second = {**values, "event_id": "two-0", "occurred_at": "2026-11-03T08:00:00Z", "network": network}
    others = [{**row, "ad_id": "8", "event_id": f"earlier-{n}"} for n, row in enumerate((first, second))]
    dataset.load("results", [first, second, *others])

    commands._tell_overlapping(f"{PROJECT}.{dataset.name}", ["two"])

    told = " ".join(capsys.readouterr().err.split())
    assert told.startswith("1 row of 1 ad, e.g. 7, tells in less detail ") is (network is None)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "`creatives results FILE` brings them in"),
        ([("stranger", "2026-10-01")], "of the 1 ad with results none was analysed here by the same id"),
        ([("one", None)], "the results of 1 ad tell no day; it takes such by day"),
        ([("one", "2026-10-01")], "results of 1 creative are too few"),
    ],
)
def test_where_nothing_was_looked_at_it_is_told_what_is_lacking(
    dataset: Dataset, rows: list[tuple[str, str | None]], told: str
) -> None:
    w = World()
    Tables(dataset).fill([w.sighting("one", "creative"), *w.analysed("creative")])
    values = {"event_id": "run-0", "source": "list", "occurred_at": "2026-11-02T08:00:00Z", "impressions": 7}
    dataset.load("results", [{**values, "ad_id": w.ad_id(ad), **({"day": day} if day else {})} for ad, day in rows])

    said = commands._nothing(Questions.of(f"{PROJECT}.{dataset.name}", loading.FOLDER), "creatives_by_day")

    assert said.startswith("nothing was looked at")
    assert told in said
