"""`doctor --record`: every answer becomes a file that servers can be held against; nothing of anybody's is in it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from creatives.doctor import record
from creatives.doctor.check import Status
from tests import discovery
from tests.creatives.doctor import google_apis
from tests.creatives.doctor.google_apis import PROJECT, deployment, function, healthy

NUMBER = "987654321098"
SECRETS = {
    "AZURE_OPENAI_API_KEY": "sk-very-secret",
    "RAW_ADS_TABLE": "somebody-else.marketing.ads",
    "GEMINI_MODEL": "gemini-3.5-flash-lite",
}
LEAKS = [PROJECT, NUMBER, "sk-very-secret", "somebody-else", "jane.doe@agency.example", "abc123-ew.a.run.app"]


def answering(*, status: int = 200) -> Any:
    """A project whose function `intake` says all that must not be told on."""
    telling = function(
        "intake",
        env=SECRETS,
        uri="https://abc123-ew.a.run.app",
        service=f"projects/{NUMBER}/locations/l/services/s",
        description="made by jane.doe@agency.example",
    )
    return deployment(**{google_apis.function_url("intake"): telling})


def test_every_answer_is_a_file_with_what_was_asked_and_its_status(tmp_path: Path) -> None:
    at = answering()

    found = list(record.checks(at, tmp_path))

    files = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    wired = at.wired
    assert {f"function-{name}" for name in wired.functions} <= files.keys()
    assert {f"subscription-{name}" for name in wired.subscriptions} <= files.keys()
    assert {f"table-{name}" for name in (*wired.tables, *wired.views)} <= files.keys()
    assert {"model-image", "model-video", "model-400-level", "model-400-tier"} <= files.keys()
    assert all({"method", "url", "status", "headers", "body"} == file.keys() for file in files.values())
    assert files["function-hash"]["status"] == 200
    assert files["subscription-hash"]["status"] == 404
    assert {check.status for check in found} <= {Status.OK, Status.WARNING}


def test_nothing_of_the_project_or_of_anybody_is_recorded(tmp_path: Path) -> None:
    list(record.checks(answering(), tmp_path))

    everything = "\n".join(path.read_text() for path in tmp_path.glob("*.json"))

    assert [leak for leak in LEAKS if leak in everything] == []
    assert "gemini-3.5-flash-lite" in everything
    assert "AZURE_OPENAI_API_KEY" in everything, "the name of a variable is no secret"


@given(
    secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12),
    name=st.from_regex(r"[A-Z][A-Z_]{3,12}", fullmatch=True).filter(lambda name: name not in record.OPEN_VARIABLES),
)
def test_no_value_of_a_variable_that_is_not_known_to_be_open_is_kept(secret: str, name: str) -> None:
    answer = {"body": [{"serviceConfig": {"environmentVariables": {name: secret}}}]}

    assert secret not in json.dumps(record.cleaned(answer, {}))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://x.example/?key=AIzaSecret&alt=json", "https://x.example/?key=left out&alt=json"),
        ("creatives-hash@p-1.iam.gserviceaccount.com", "creatives-hash@my-project.iam.gserviceaccount.com"),
        ("p-1-creatives-results", "my-project-creatives-results"),
        ("by someone.else+x@firma.de", "by someone@example.com"),
    ],
)
def test_what_points_to_somebody_is_replaced(said: str, kept: str) -> None:
    assert record.cleaned({"a": [said]}, {"p-1": "my-project"}) == {"a": [kept]}


def test_the_requests_to_the_model_are_ones_that_vertex_takes_but_for_what_they_are_to_be_refused_for() -> None:
    schema = "GoogleCloudAiplatformV1beta1GenerateContentRequest"
    asked = {question.name: question for question in record.of_model(answering())}

    faults = {name: list(discovery.faults("aiplatform.v1beta1", schema, q.body)) for name, q in asked.items()}

    assert faults["model-image"] == faults["model-video"] == []
    assert "MEDIA_RESOLUTION_NONE" in faults["model-400-level"][0]
    assert "serviceTier" in faults["model-400-tier"][0]
    image = asked["model-image"].body or {}
    assert base64.b64decode(image["contents"][0]["parts"][0]["inlineData"]["data"]).startswith(b"\xff\xd8")


def test_the_fakes_of_the_apis_answer_what_google_describes() -> None:
    described = {
        "cloudfunctions.googleapis.com": ("cloudfunctions.v2", "Function"),
        "run.googleapis.com": ("run.v2", "GoogleIamV1Policy"),
    }
    for url, answer in healthy().items():
        host = requests.utils.urlparse(url).netloc  # type: ignore[attr-defined]
        if host in described:
            api, schema = described[host]

            found = [fault for fault in discovery.faults(api, schema, answer) if "output only" not in fault]

            assert found == []


def test_a_local_run_is_not_recorded(tmp_path: Path) -> None:
    at = answering()
    local = type(at)(at.settings)

    [check] = record.checks(local, tmp_path / "none")

    assert check.status is Status.FAULT
    assert not (tmp_path / "none").exists()
