"""What the doctor says of the cloud's own services: everything well when it is, and the one thing that is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from creatives.doctor import services
from creatives.doctor.check import Check, Deployment, Status
from creatives.doctor.model import model
from tests.creatives.doctor import google_apis
from tests.creatives.doctor.google_apis import apis, deployment, function, invokers, quota

type Look = Callable[[Deployment], Iterator[Check]]


@pytest.mark.parametrize("look", [services.apis, services.functions, services.quota, services.callers])
def test_a_healthy_deployment_is_well(look: Look) -> None:
    assert {check.status for check in look(deployment())} == {Status.OK}


@pytest.mark.parametrize(
    ("look", "answers", "what", "found"),
    [
        (services.apis, {"apis": apis(without="run.googleapis.com")}, "APIs", "not enabled: run.googleapis.com"),
        (services.functions, {"function_hash": 404}, "function hash", "is not deployed"),
        (services.functions, {"function_hash": function("hash", state="FAILED")}, "function hash", "is FAILED"),
        (
            services.functions,
            {"function_hash": function("hash", ingressSettings="ALLOW_ALL")},
            "function hash",
            "from the internet",
        ),
        (
            services.functions,
            {"function_hash": function("hash", serviceAccountEmail="1-compute@developer.gserviceaccount.com")},
            "function hash",
            "runs as 1-compute@developer",
        ),
        (services.callers, {"invokers_hash": invokers("hash", "allUsers")}, "callers of hash", "everybody"),
        (services.callers, {"invokers_hash": {}}, "callers of hash", "refused"),
        (services.quota, {"quota": quota(1000)}, "quota", "1 are allowed"),
    ],
)
def test_the_one_thing_that_is_wrong_is_named_with_what_to_do(
    look: Look, answers: dict[str, Any], what: str, found: str
) -> None:
    [bad] = [check for check in look(deployment(**answers)) if check.status is not Status.OK]

    assert bad.what == what
    assert found in bad.found
    assert bad.advice


@pytest.mark.parametrize(
    ("env", "status", "found"),
    [
        ({"EXTRACTOR": "offline"}, Status.OK, "offline"),
        ({"GEMINI_MODEL": "gemini-2.0-flash", "GEMINI_API_KEY": ""}, Status.FAULT, "retired"),
        ({"GEMINI_MODEL": "gemini-3.5-flash-lite", "GEMINI_API_KEY": ""}, Status.OK, "current"),
    ],
)
def test_a_retired_model_is_a_fault(env: dict[str, str], status: Status, found: str) -> None:
    at = deployment(function_extract=function("extract", env=env))

    first = next(model(at))

    assert first.status is status
    assert found in first.found


@pytest.mark.parametrize(
    ("env", "statuses", "found"),
    [
        ({"EXTRACTOR": "azure", "AZURE_OPENAI_MODEL": "gpt-4.1-mini"}, [Status.OK], "gpt-4.1-mini"),
        ({"EXTRACTOR": "openai", "OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://v/v1"}, None, "m at http://v/v1"),
        ({"EXTRACTOR": "openai", "OPENAI_BASE_URL": "http://v/v1"}, [Status.FAULT], "OPENAI_MODEL is not set"),
    ],
)
def test_a_model_that_only_the_function_reaches_is_named_with_whether_it_has_a_price(
    env: dict[str, str], statuses: list[Status] | None, found: str
) -> None:
    checks = list(model(deployment(function_extract=function("extract", env=env))))

    assert [check.status for check in checks] == (statuses or [Status.OK, Status.WARNING])
    assert found in checks[0].found


def test_a_secret_counts_as_set_though_nobody_reads_it() -> None:
    secret = {"key": "GEMINI_API_KEY", "secret": "GEMINI_API_KEY", "version": "latest"}
    at = deployment(function_extract=function("extract", secretEnvironmentVariables=[secret]))

    assert services.variables(at)["GEMINI_API_KEY"] == ""


def test_what_cannot_be_looked_at_does_not_end_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    from creatives import doctor

    monkeypatch.setattr(doctor, "GROUPS", (services.apis, services.functions))
    refused = google_apis.deployment(apis=403)

    first, *others = doctor.checks(refused)

    assert first.status is Status.FAULT
    assert "gcloud auth" in first.advice
    assert len(others) == len(refused.wired.functions)
