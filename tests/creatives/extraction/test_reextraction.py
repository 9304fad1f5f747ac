"""Which creatives are extracted again, asked of a real dataset."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from creatives import cli
from creatives.extraction import estimate, reextraction
from creatives.extraction.reextraction import Choice
from functions.extract.answers import Question
from shared.events import Extraction, Failure, FeaturesExtracted, Kind
from shared.reasons import Reason
from tests.bigquery import PROJECT, Dataset

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTION = Question("shared.features:ImageFeatures", "1", "p2", "gemini", "gemini-3.5-flash-lite")
ANSWERED, OUTDATED, FAILED, VIDEO = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)


def request(creative_id: str, **changed: Any) -> Extraction:
    given: dict[str, Any] = {
        "event_id": "first",
        "occurred_at": NOW,
        "creative_id": creative_id,
        "uri": f"gs://bucket/{creative_id}",
        "content_type": "image/png",
        "bytes": 10,
        "kind": Kind.IMAGE,
        "width": 2,
        "height": 3,
    }
    return Extraction.model_validate(given | changed)


def answer(creative_id: str, prompt_version: str) -> FeaturesExtracted:
    return FeaturesExtracted(
        event_id="first",
        occurred_at=NOW + timedelta(minutes=1),
        creative_id=creative_id,
        kind=Kind.IMAGE,
        extractor="gemini",
        model="gemini-3.5-flash-lite",
        feature_model="shared.features:ImageFeatures",
        feature_version="1",
        prompt_version=prompt_version,
    )


@pytest.fixture
def filled(dataset: Dataset) -> Dataset:
    requests = [request(creative_id) for creative_id in (ANSWERED, OUTDATED, FAILED)]
    video = request(VIDEO, kind=Kind.VIDEO, duration_s=12.5)
    dataset.load("extractions", [*requests, video, request(ANSWERED, occurred_at=NOW - timedelta(days=1))])
    dataset.load("features", [answer(ANSWERED, "p2"), answer(OUTDATED, "p1")])
    failure = Failure(
        event_id="first",
        occurred_at=NOW + timedelta(minutes=1),
        stage="extract",
        reason=Reason.BLOCKED_BY_MODEL,
        detail="blocked",
        creative_id=FAILED,
    )
    dataset.load("failures", [failure])
    return dataset


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), [ANSWERED, OUTDATED, FAILED, VIDEO]),
        (Choice(outdated_only=True), [OUTDATED, FAILED, VIDEO]),
        (Choice(failed_only=True), [FAILED]),
        (Choice(kind=Kind.VIDEO), [VIDEO]),
        (Choice(creative_ids=[ANSWERED, VIDEO]), [ANSWERED, VIDEO]),
        (Choice(creative_ids=[ANSWERED], outdated_only=True), []),
    ],
)
def test_the_chosen_creatives_are_requested_once_each(filled: Dataset, choice: Choice, expected: list[str]) -> None:
    requests = reextraction.requests(filled.client, f"{PROJECT}.{filled.name}", choice, QUESTION)

    assert [request.creative_id for request in requests] == expected
    assert all(request.requested_by == "reextract" and request.event_id != "first" for request in requests)


def test_what_is_chosen_can_be_estimated(filled: Dataset) -> None:
    requests = reextraction.requests(filled.client, f"{PROJECT}.{filled.name}", Choice(kind=Kind.VIDEO), QUESTION)

    (measured,) = reextraction.measured(requests)

    assert (measured.kind, measured.duration_s) == (Kind.VIDEO, 12.5)


def test_what_is_answered_already_is_said_to_be_asked_and_paid_no_more(
    filled: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = SimpleNamespace(variables={"GOOGLE_CLOUD_PROJECT": PROJECT, "DATASET": filled.name})
    asked, published = estimate.settings(), list[Extraction]()
    monkeypatch.setattr("creatives.extraction.commands.terminal.attached", lambda *_: running)
    monkeypatch.setattr("creatives.extraction.commands.clients.bigquery_client", lambda _: filled.client)
    monkeypatch.setattr("creatives.extraction.commands.clients.publish", lambda _, requests: published.extend(requests))
    monkeypatch.setattr("creatives.extraction.commands.ExtractSettings.load", lambda: asked)
    monkeypatch.setattr("creatives.extraction.commands.registry.extractor", lambda _: None)
    monkeypatch.setattr("creatives.extraction.commands.registry.question", lambda *_: QUESTION)

    done = CliRunner().invoke(cli.app, ["reextract", ANSWERED, "--yes"])

    said = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    assert "0 images, 0 videos" in said
    assert "1 creative has an answer to this very question by this model" in said
    assert said.endswith("1 request published")
    assert [request.creative_id for request in published] == [ANSWERED]
