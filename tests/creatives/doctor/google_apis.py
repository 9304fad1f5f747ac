"""Google's REST APIs as a session that answers from a table: what the API reference says, without a network."""

import json
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter

from creatives.doctor.check import Deployment, cloud
from shared.wiring import load

PROJECT = "test-project"
REGION = "europe-west1"


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class _Answering(BaseAdapter):
    """Answers a URL (without its query) from `answers`; 404 for any other."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__()
        self.answers = answers

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """The answer, or its status where it is a number."""
        url = str(request.url).split("?")[0]
        answer = self.answers.get(url, 404)
        response = requests.Response()
        response.status_code = answer if isinstance(answer, int) else 200
        response.url = url
        response._content = json.dumps({} if isinstance(answer, int) else answer).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


def deployment(**answers: Any) -> Deployment:
    """A deployment in the cloud whose APIs answer `answers` on top of what a healthy one says."""
    session = requests.Session()
    session.mount(
        "https://", _Answering(healthy() | {URLS.get(name, name): answer for name, answer in answers.items()})
    )
    return cloud(PROJECT, REGION, session=session)


def healthy() -> dict[str, Any]:
    """What the APIs say of a deployment that is as it should be."""
    functions = {function_url(name): function(name) for name in load().functions}
    callers = {invokers_url(name): invokers(name) for name in load().functions}
    return {URLS["apis"]: apis(), URLS["quota"]: quota(2_000_000)} | functions | callers


def function_url(name: str) -> str:
    return f"https://cloudfunctions.googleapis.com/v2/projects/{PROJECT}/locations/{REGION}/functions/creatives-{_hyphens(name)}"


def invokers_url(name: str) -> str:
    return f"https://run.googleapis.com/v2/projects/{PROJECT}/locations/{REGION}/services/creatives-{_hyphens(name)}:getIamPolicy"


URLS = {
    "apis": f"https://serviceusage.googleapis.com/v1/projects/{PROJECT}/services:batchGet",
    "quota": (
        f"https://serviceusage.googleapis.com/v1beta1/projects/{PROJECT}/services/run.googleapis.com"
        "/consumerQuotaMetrics"
    ),
    **{f"function_{name}": function_url(name) for name in load().functions},
    **{f"invokers_{name}": invokers_url(name) for name in load().functions},
}


def apis(*, without: str = "") -> dict[str, Any]:
    from creatives.doctor.services import needed_apis

    return {
        "services": [
            {"name": f"projects/1/services/{name}", "state": "DISABLED" if name == without else "ENABLED"}
            for name in needed_apis()
        ]
    }


def function(
    name: str, *, state: str = "ACTIVE", env: Mapping[str, str] | None = None, **service: object
) -> dict[str, Any]:
    config = {
        "serviceAccountEmail": f"creatives-{_hyphens(name)}@{PROJECT}.iam.gserviceaccount.com",
        "ingressSettings": "ALLOW_INTERNAL_ONLY",
        "environmentVariables": dict(env or {}),
    }
    return {"name": name, "state": state, "serviceConfig": config | service}


def invokers(name: str, *members: str) -> dict[str, Any]:
    own = f"serviceAccount:creatives-call-{_hyphens(name)}@{PROJECT}.iam.gserviceaccount.com"
    return {"bindings": [{"role": "roles/run.invoker", "members": list(members) or [own]}]}


def quota(milli_processors: int) -> dict[str, Any]:
    bucket = {"effectiveLimit": str(milli_processors), "dimensions": {"region": REGION}}
    elsewhere = {"effectiveLimit": "1000", "dimensions": {"region": "us-central1"}}
    limit = {"unit": "1/min/{project}/{region}", "quotaBuckets": [bucket, elsewhere]}
    return {"metrics": [{"metric": "run.googleapis.com/cpu_allocation", "consumerQuotaLimits": [limit]}]}
