"""`creatives works` and `creatives fatigue` as they are typed: what they say where there is nothing to say."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from creatives.cli import app
from shared.events import Fatigue, Lift
from tests.bigquery import PROJECT, Dataset

RUN = datetime(2026, 11, 26, tzinfo=UTC)
COMPARED = {
    "feature": "has_text", "value": "true", "metric": "click-through rate", "verdict": "no claim",
    "adjusted_for": "campaign", "mean_with": 0.02, "mean_without": 0.01, "n_with": 1, "n_without": 1, "n_ads": 2,
}  # fmt: skip
HELD = {"metric": "click-through rate", "state": "fresh", "days": 9, "n_ads": 2, "exposure": 1000.0}
DAYS = {"first_day": RUN.date(), "last_day": RUN.date()}
LOOKED_AT = {
    "works": Lift.model_validate({"event_id": "e", "run": RUN, **COMPARED}),
    "fatigue": Fatigue.model_validate({"event_id": "e", "run": RUN, "canonical_id": "0" * 40, **HELD, **DAYS}),
}


@pytest.mark.parametrize("verb", LOOKED_AT)
def test_that_nothing_was_looked_at_is_told_apart_from_nothing_certain(verb: str, dataset: Dataset) -> None:
    typed = [verb, "--project", PROJECT, "--dataset", dataset.name]

    before = CliRunner().invoke(app, typed)
    dataset.load(LOOKED_AT[verb].TOPIC, [LOOKED_AT[verb]])
    after = CliRunner().invoke(app, typed)

    assert (before.exit_code, after.exit_code) == (0, 0)
    assert "creatives results" in before.stderr
    assert "--all lists" in after.stderr
    assert "creatives results" not in after.stderr
