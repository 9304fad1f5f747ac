"""A taxonomy of thirty fields goes from its file to columns, answers, corrections, facets of the report and back.

A user writes a file and names it: no line of code changes, and what was answered before stays.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from google.cloud import pubsub_v1
from playwright.sync_api import Browser, expect

from shared import features
from shared.events import FeaturesExtracted
from shared.features import ImageFeatures
from shared.wiring import ROOT
from tests import pictures
from tests.e2e import pipelines
from tests.gemini_server import GeminiServer

pytestmark = pytest.mark.server

CHOICES = [f"field_{n}" for n in range(12)]
TYPES = {
    **dict.fromkeys(CHOICES, ("choice", "STRING")),
    **{f"uses_{n}": ("choices", "STRING") for n in range(3)},
    **{f"is_{n}": ("yes_no", "BOOLEAN") for n in range(6)},
    **{f"count_{n}": ("integer", "INTEGER") for n in range(3)},
    **{f"share_{n}": ("number", "FLOAT") for n in range(2)},
    **{f"quote_{n}": ("text", "STRING") for n in range(3)},
    "claims": ("texts", "STRING"),
}


def taxonomy() -> str:
    """A file of thirty fields of every type."""
    lines = ["name: shoes", "drop: [car_brand, car_model]", "rename: {product_type: article}", "fields:"]
    for name, (kind, _) in TYPES.items():
        values = ", values: [low, middle, high]" if kind.startswith("choice") else ""
        evidence = ", evidence: true" if kind.startswith("text") else ""
        lines.append(f"  - {{name: {name}, type: {kind}{values}{evidence}, description: 'What {name} says.'}}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


def code() -> str:
    """A digest of all code that runs."""
    floors = ("shared", "functions", "local", "creatives", "generate")
    files = sorted(path for floor in floors for path in (ROOT / floor).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def queried(variables: Mapping[str, str], sql: str) -> list[dict[str, Any]]:
    with closing(pipelines.bigquery_client(variables)) as client:
        return [dict(row.items()) for row in client.query_and_wait(sql.format(f"local.{variables['DATASET']}"))]


def publish(variables: Mapping[str, str], event: FeaturesExtracted) -> None:
    """Publishes an event as any program may, which reads the variables of the pipeline."""
    with pytest.MonkeyPatch.context() as there:
        for name, value in variables.items():
            there.setenv(name, value)
        client = pubsub_v1.PublisherClient()
        topic = client.topic_path(variables["GOOGLE_CLOUD_PROJECT"], event.TOPIC)
        client.publish(topic, event.model_dump_json(exclude_none=True).encode()).result(timeout=60)
        client.stop()


def answered_before(creative_id: str) -> FeaturesExtracted:
    """What the built-in model said of a creative, before anybody had a taxonomy."""
    asked = {"feature_model": "shared.features:ImageFeatures", "feature_version": "1", "prompt_version": "1"}
    return features.features_event(ImageFeatures).model_validate(
        {
            **{"event_id": "before", "creative_id": creative_id, "kind": "image", "extractor": "offline", "model": "m"},
            **asked,
            "features": {**dict.fromkeys(ImageFeatures.model_fields), "brand": "Acme", "car_brand": "Vanta"},
        }
    )


@pytest.mark.long
def test_thirty_fields_go_from_a_file_to_everywhere(tmp_path: Path, browser: Browser, server: GeminiServer) -> None:
    before = code()
    data, file, ads = tmp_path / "data", tmp_path / "shoes.yaml", tmp_path / "ads"
    fewer = tmp_path / "fewer.yaml"
    file.write_text(taxonomy())
    ads.mkdir()
    for number in range(2):
        picture = pictures.encode(pictures.draw(320, 240, seed=900 + number), "JPEG", quality=85)
        (ads / f"{number}.jpg").write_bytes(picture)
    variables = {"EXTRACTOR": "gemini", "GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": server.url}

    with pipelines.up(data, "--taxonomy", str(file), variables=variables) as running:
        results = pipelines.analyze(ads, data=data, variables=variables | {"FEATURES": str(file)})
        one = results[0]
        tried = pipelines.run("taxonomy", "try", file, ads, "--most", "1", "--json", data=data, variables=variables)
        wrong = pipelines.run("correct", one["creative_id"], "field_0=wide", data=data, expect=2)
        pipelines.run("correct", one["creative_id"], "field_0=low", "claims=one, two", "is_0=yes", data=data)
        publish(running, answered_before(old := "0" * 40))
        pipelines.wait_for(lambda: queried(running, "SELECT 1 FROM `{}.features` WHERE event_id = 'before'"))
        pipelines.wait_for(lambda: len(queried(running, "SELECT 1 FROM `{}.current_corrections`")) == 3)
        fewer.write_text(taxonomy().replace("drop: [", "drop: [summary, ").replace("name: field_0,", "name: other_0,"))
        judged = pipelines.run(
            *("evaluate", "--corrections", "--taxonomy", fewer, "--extractor", "gemini"), data=data, variables=variables
        )
        pipelines.run("report", "--out", str(tmp_path / "report.html"), data=data)
        pipelines.wait_for(lambda: len(queried(running, "SELECT 1 FROM `{}.current_evidence`")) >= 2)
        creatives = queried(running, "SELECT creative_id, features, evidence FROM `{}.creatives`")
        rows = queried(running, "SELECT feature_model, feature_version FROM `{}.features` ORDER BY event_id = 'before'")
        with closing(pipelines.bigquery_client(running)) as client:
            (record,) = [each for each in client.get_table("creatives.features").schema if each.name == "features"]

    shown = {row["creative_id"]: row for row in creatives}
    # Columns, with what they mean.
    described = {each.name: (each.field_type, each.description) for each in record.fields}
    assert len(TYPES) == 30
    for name, (_, column) in TYPES.items():
        assert described[name][0] == column
        assert described[name][1].startswith(f"What {name} says.")
    # Answers, of the taxonomy's version; beside them stay those of before, and all that they say.
    version = features.version_of(features.load(str(file)))
    assert [row["feature_version"] for row in rows] == [version] * 2 + ["1"]
    assert [row["feature_model"] for row in rows] == ["taxonomy:shoes"] * 2 + ["shared.features:ImageFeatures"]
    assert {name for name, value in one["features"].items() if value not in (None, [])} & set(CHOICES)
    assert (one["features"]["car_brand"], shown[old]["features"]["car_brand"]) == (None, "Vanta")
    assert json.loads(tried.stdout)["features"].keys() >= TYPES.keys()
    # What quotes the creative is looked for in it.
    looked_for = {each["field"] for row in shown.values() for each in row["evidence"] or []}
    assert looked_for & {"quote_0", "quote_1", "quote_2", "claims"}
    # What people say is held to it.
    assert "field_0: 'wide' cannot stand there" in wrong.stderr
    corrected = shown[one["creative_id"]]["features"]
    assert (corrected["field_0"], corrected["is_0"], corrected["claims"]) == ("low", True, ["one", "two"])
    # Another taxonomy is judged by what people said of that which it asks, too.
    assert ("is_0" in judged.stdout, "field_0" in judged.stdout) == (True, False)
    # The report filters by it.
    page = browser.new_context(offline=True).new_page()
    page.goto(f"{(tmp_path / 'report.html').as_uri()}#/gallery")
    expect(page.locator(".facet").first).to_be_attached(timeout=120_000)
    facets = " ".join(page.locator(".facet").all_inner_texts()).lower()
    assert [name for name in ("is 0", "count 0", "share 0", "uses 0") if name not in facets] == []
    assert any(f"field {n}" in facets for n in range(len(CHOICES)))
    page.context.close()
    assert code() == before
