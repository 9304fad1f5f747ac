"""A run over real tables: results and features in, claims out, as rows of their tables."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from functions.measure import measuring
from functions.measure.settings import MeasureSettings
from shared.events import Correction, Fatigue, Kind, Lift, Match, MatchKind, Origin, Result, Sighting
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.rows import FEATURES_EVENT

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def filled(dataset: Dataset, creatives: int = 30, days: int = 28) -> None:
    """Creatives of which every second one has a promotion and half more clicks, and the first one wears out."""
    random = np.random.default_rng(1)
    results = []
    for number in range(creatives):
        base = 0.03 if number % 2 else 0.02
        for day in range(days):
            fall = 1 - 0.6 * day / days if number == 0 else 1.0
            results.append(
                Result(
                    event_id="e",
                    ad_id=f"ad {number}",
                    day=date(2026, 11, 1) + timedelta(days=day),
                    campaign="c",
                    impressions=10_000,
                    clicks=int(random.binomial(10_000, base * fall)),
                    spend=Decimal("1.25"),
                    currency="EUR",
                    source="list",
                )
            )
    ids = [f"{number:040x}" for number in range(creatives)]
    dataset.load("results", results)
    dataset.load(
        "sightings",
        [
            Sighting(
                event_id="e",
                ad_id=f"ad {n}",
                source=f"https://x/{n}",
                origin=Origin.BATCH,
                creative_id=each,
                uri="gs://b/1",
            )
            for n, each in enumerate(ids)
        ],
    )
    dataset.load(
        "matches",
        [
            Match(
                event_id="e", creative_id=each, kind=Kind.IMAGE, match=MatchKind.NEW, canonical_id=each, family_id=each,
                method="hash", method_version="1",
            )
            for each in ids
        ],
    )  # fmt: skip
    dataset.load(
        "features",
        [
            FEATURES_EVENT.model_validate(
                {
                    "event_id": "e", "creative_id": each, "kind": "image", "extractor": "offline", "model": "m",
                    "feature_model": "shared.features:ImageFeatures", "feature_version": "1", "prompt_version": "none",
                    "features": {"has_promotion": n % 2 == 1},
                }
            )
            for n, each in enumerate(ids)
        ],
    )  # fmt: skip


def of(dataset: Dataset) -> MeasureSettings:
    place = {"google_cloud_project": PROJECT, "dataset": dataset.name}
    buckets = dict.fromkeys(("creatives_bucket", "results_bucket", "staging_bucket"), "bucket")
    return MeasureSettings.model_validate(place | buckets)


def test_what_is_there_is_claimed_and_fits_its_tables(dataset: Dataset) -> None:
    filled(dataset)
    settings = of(dataset)

    events = list(measuring.run(dataset.client, settings, NOW, "run"))

    for topic in ("lifts", "fatigue"):
        dataset.load(topic, [event for event in events if topic == event.TOPIC])
    lifts = {(row["feature"], row["metric"]): row for row in dataset.query("SELECT * FROM current_lifts")}
    assert lifts["has_promotion", "click-through rate"]["verdict"] == "higher"
    assert lifts["has_promotion", "cost per click"]["currency"] == "EUR"
    worn = dataset.query("SELECT * FROM current_fatigue WHERE state IN ('worn', 'wearing')")
    assert [(row["canonical_id"], row["metric"]) for row in worn] == [("0" * 40, "click-through rate")]
    assert Counter(map(type, events)).keys() == {Lift, Fatigue}


def test_the_fields_of_a_taxonomy_are_compared_where_the_settings_name_it(dataset: Dataset, tmp_path: Path) -> None:
    filled(dataset)
    file = tmp_path / "shoes.yaml"
    file.write_text(
        "keep: [brand]\nrename: {brand: maker}\nfields:\n"
        "  - {name: has_promotion, type: yes_no, description: Whether it offers any.}\n"
    )
    settings = of(dataset).model_copy(update={"features": str(file)})

    compared = {event.feature for event in measuring.run(dataset.client, settings, NOW, "run") if type(event) is Lift}

    assert "has_promotion" in compared
    assert "has_people" not in compared


def test_what_people_corrected_is_what_is_measured(dataset: Dataset) -> None:
    filled(dataset)
    said = {"field": "has_promotion", "author": "ada", "occurred_at": NOW}
    ids = [row["creative_id"] for row in dataset.query("SELECT creative_id FROM features")]
    words = [{**said, "event_id": each, "creative_id": each, "value": "true"} for each in ids]
    dataset.load("corrections", [Correction.model_validate(word) for word in words])

    events = measuring.run(dataset.client, of(dataset), NOW, "run")

    # All of them have a promotion then, so that there is nothing to compare it with.
    assert "has_promotion" not in {event.feature for event in events if isinstance(event, Lift)}


def test_a_worn_creative_is_told_once(dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    filled(dataset)

    for run in ("first", "second"):
        events = list(measuring.run(dataset.client, of(dataset), NOW, run))
        dataset.load("fatigue", [event for event in events if event.TOPIC == "fatigue"])

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "a creative is worn" in line]
    assert [(line["creative_id"], line["metric"], line["stage"]) for line in told] == [
        ("0" * 40, "click-through rate", "measure")
    ]
    assert told[0]["change"] < -0.2


def test_without_results_a_run_says_nothing(dataset: Dataset) -> None:
    settings = of(dataset)

    assert list(measuring.run(dataset.client, settings, NOW, "run")) == []
