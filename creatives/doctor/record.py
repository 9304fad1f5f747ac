"""`creatives doctor --record DIR`: what a real project really answered, one JSON file a question, without secrets.

What the tests' servers answer was written from documents. The first person with a project can hold them against this:
functions, subscriptions, tables, buckets as the APIs describe them; and of the model, which costs less than a cent, an
answer about a picture, one about a film, the refusals of two requests that are at fault, and a 429 if one comes.

Nothing of the project's own is kept: its id, number and names of others are replaced, values of variables left out
unless they are known to be no secret, people's addresses and all headers but the few that a client reads removed.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from creatives.doctor import services
from creatives.doctor.check import Check, Deployment, fault, warning, well
from shared.wiring import ROOT

HEADERS = ("content-type", "retry-after")
"""Those that a client acts on."""

OPEN_VARIABLES = {
    "DEPLOYMENT",
    "GEMINI_MODEL",
    "EMBEDDING_MODEL",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_CLOUD_LOCATION",
    "THREADS",
    "WORKERS",
}
"""Variables of functions whose values are no secret and nobody's name."""

AT_ONCE = 20
"""Free requests at the same time, which may draw a 429: more would be an attack on one's own quota."""

_LEFT_OUT = "left out"
_PICTURE = ROOT / "samples" / "summer-sale-20.jpg"
_FILM = ROOT / "samples" / "vanta-spot.mp4"


@dataclass(frozen=True)
class Question:
    """A request whose answer is kept.

    Attributes:
        name: of its file.
        url: what is asked.
        body: what is posted; nothing for a GET.
    """

    name: str
    url: str
    body: Mapping[str, Any] | None = None


def checks(deployment: Deployment, folder: Path) -> Iterator[Check]:
    """Asks everything, writes each answer into `folder`, and says what came."""
    if deployment.rest is None:
        yield fault("record", "a local run has no answers of Google's", "Give --project and --region.")
        return
    folder.mkdir(exist_ok=True)
    session, clean = deployment.rest.session, partial(cleaned, hidden=_hidden(deployment))
    for question in [*of_resources(deployment), *of_model(deployment)]:
        yield _recorded(question, ask(session, question), folder, clean)
    yield _refused_for_haste(deployment, session, folder, clean)


def ask(session: requests.Session, question: Question) -> requests.Response:
    """The answer, whatever it is."""
    if question.body is None:
        return session.get(question.url, timeout=60)
    return session.post(question.url, json=question.body, timeout=120)


def _recorded(question: Question, answer: requests.Response, folder: Path, clean: Any) -> Check:  # noqa: ANN401
    kept = {
        "method": "GET" if question.body is None else "POST",
        "url": question.url.split("?")[0],
        "status": answer.status_code,
        "headers": {name: answer.headers[name] for name in HEADERS if name in answer.headers},
        "body": _parsed(answer),
    }
    (folder / f"{question.name}.json").write_text(json.dumps(clean(kept), indent=2, ensure_ascii=False) + "\n")
    return well(f"record {question.name}", f"status {answer.status_code}")


def _parsed(answer: requests.Response) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return {"not JSON, so many characters": len(answer.text)}


def of_resources(deployment: Deployment) -> Iterator[Question]:
    """What the APIs say of functions, subscriptions, tables, buckets and quotas."""
    project, dataset = deployment.project, deployment.settings.dataset
    place = f"projects/{project}/locations/{deployment.region}"
    for name in deployment.wired.functions:
        full_name = deployment.named(services.hyphened(name))
        yield Question(f"function-{name}", f"https://cloudfunctions.googleapis.com/v2/{place}/functions/{full_name}")
    for name in deployment.wired.subscriptions:
        path = f"projects/{project}/subscriptions/{deployment.named(name)}"
        yield Question(f"subscription-{name}", f"https://pubsub.googleapis.com/v1/{path}")
    for name in [*deployment.wired.tables, *deployment.wired.views]:
        path = f"projects/{project}/datasets/{dataset}/tables/{name}"
        yield Question(f"table-{name}", f"https://bigquery.googleapis.com/bigquery/v2/{path}")
    for name in deployment.wired.buckets:
        path = f"https://storage.googleapis.com/storage/v1/b/{deployment.bucket_name(name)}"
        yield Question(f"bucket-{name}", path)
        yield Question(f"notifications-{name}", f"{path}/notificationConfigs")
    quota = f"projects/{project}/services/run.googleapis.com/consumerQuotaMetrics"
    yield Question("quota-run", f"https://serviceusage.googleapis.com/v1beta1/{quota}")


def of_model(deployment: Deployment) -> Iterator[Question]:
    """A picture, a film, a level that there is not, and the tier in the body, where Vertex AI is said to refuse it."""
    url = f"{_model_url(deployment)}:generateContent"
    picture = _about(_PICTURE, "image/jpeg")
    yield Question("model-image", url, picture)
    yield Question("model-video", url, _about(_FILM, "video/mp4"))
    yield Question("model-400-level", url, picture | {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_NONE"}})
    yield Question("model-400-tier", url, picture | {"serviceTier": "flex"})


def _about(file: Path, mime_type: str) -> dict[str, Any]:
    data = {"mimeType": mime_type, "data": base64.b64encode(file.read_bytes()).decode()}
    parts = [{"inlineData": data}, {"text": "What is advertised here? Answer in five words."}]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": {"maxOutputTokens": 64}}


def _model_url(deployment: Deployment) -> str:
    told = services.variables(deployment)
    location = told.get("GOOGLE_CLOUD_LOCATION") or "global"
    host = "aiplatform.googleapis.com" if location == "global" else f"{location}-aiplatform.googleapis.com"
    model = told.get("GEMINI_MODEL") or "gemini-3.5-flash-lite"
    place = f"projects/{deployment.project}/locations/{location}/publishers/google/models/{model}"
    return f"https://{host}/v1beta1/{place}"


def _refused_for_haste(deployment: Deployment, session: requests.Session, folder: Path, clean: Any) -> Check:  # noqa: ANN401
    """A 429, if counting tokens (which is free) many times at once draws one."""
    body = {"contents": [{"role": "user", "parts": [{"text": "count me"}]}]}
    question = Question("model-429", f"{_model_url(deployment)}:countTokens", body)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: ask(session, question), range(AT_ONCE)))
    hasty = next((answer for answer in answers if answer.status_code == requests.codes.too_many_requests), None)
    if hasty is not None:
        return _recorded(question, hasty, folder, clean)
    return warning("record model-429", f"none of {AT_ONCE} requests at once was refused", "Record again under load.")


def _hidden(deployment: Deployment) -> dict[str, str]:
    """What is replaced, and by what; the longest first, since one may stand in another."""
    found = services.described(deployment, "intake") or {}
    numbers = re.findall(r"projects/(\d+)/|service-(\d+)@|gcf-v2-sources-(\d+)-", json.dumps(found))
    replaced = {number: "123456789012" for each in numbers for number in each if number}
    return {**replaced, deployment.project: "my-project"}


def cleaned(value: Any, hidden: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """An answer without what is the project's own, or anybody's."""
    if isinstance(value, dict):
        return {_text(name, hidden): _field(name, each, hidden) for name, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each, hidden) for each in value]
    return _text(value, hidden) if isinstance(value, str) else value


def _field(name: str, value: Any, hidden: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    if name.endswith(("nvironmentVariables", "nvironment_variables")) and isinstance(value, dict):
        return {each: cleaned(held, hidden) if each in OPEN_VARIABLES else _LEFT_OUT for each, held in value.items()}
    if name in ("etag", "selfLink", "uid", "thoughtSignature", "responseId"):
        return _LEFT_OUT
    return cleaned(value, hidden)


def _text(text: str, hidden: Mapping[str, str]) -> str:
    for own, instead in sorted(hidden.items(), key=lambda each: -len(each[0])):
        text = text.replace(own, instead)
    text = re.sub(r"https://[\w.-]+\.(run\.app|cloudfunctions\.net)", r"https://service.\1", text)
    text = re.sub(r"[\w.+-]+@(?![\w.-]*gserviceaccount\.com)[\w-]+\.[\w.-]+", "someone@example.com", text)
    return re.sub(r"([?&](?:key|token|access_token|X-Goog-\w+)=)[^&\s\"]+", rf"\1{_LEFT_OUT}", text)
