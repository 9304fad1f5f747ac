"""The model that extracts: whether it answers, for how long it will, and whether its price is known."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from creatives.doctor import services
from creatives.doctor.check import Check, Deployment, fault, warning, well
from functions.extract.settings import ExtractSettings
from shared import prices

if TYPE_CHECKING:
    from google import genai


def model(deployment: Deployment) -> Iterator[Check]:
    """The model that the functions' variables name."""
    variables = services.variables(deployment)
    match _extractor(variables):
        case "offline":
            yield well("model", "none: extraction is offline")
        case "azure":
            yield from _asked_elsewhere(variables, "AZURE_OPENAI_MODEL", "AZURE_OPENAI_ENDPOINT")
        case "openai":
            yield from _asked_elsewhere(variables, "OPENAI_MODEL", "OPENAI_BASE_URL")
        case _:
            yield from _gemini(deployment, variables)


def _asked_elsewhere(variables: Mapping[str, str], model: str, address: str) -> Iterator[Check]:
    """A model of a service that only the function reaches."""
    name = variables.get(model)
    if not name:
        yield fault("model", f"{model} is not set: no creative can be described", "Set it in `function_env`.")
        return
    where = variables.get(address) or "OpenAI"
    yield well("model", f"{name} at {where}; it is not asked from here")
    yield from _price(name)


def _gemini(deployment: Deployment, variables: Mapping[str, str]) -> Iterator[Check]:
    name = variables.get("GEMINI_MODEL") or ExtractSettings.model_fields["gemini_model"].default
    vertex = variables.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower() in ("true", "1")
    yield _lifetime(name, vertex=vertex)
    yield from _price(name)
    yield _answers(deployment, name, variables, vertex=vertex)


def _price(name: str) -> Iterator[Check]:
    if prices.known(name) is None:
        yield warning(
            "price", f"{name} has none: costs stay null, and no budget holds", "Add it to shared/prices.yaml."
        )


def _extractor(variables: Mapping[str, str]) -> str:
    chosen = variables.get("EXTRACTOR") or "auto"
    configured = "GEMINI_API_KEY" in variables or "GOOGLE_GENAI_USE_VERTEXAI" in variables
    return ("gemini" if configured else "offline") if chosen == "auto" else chosen


def _lifetime(name: str, *, vertex: bool) -> Check:
    today = datetime.now(UTC).date()
    service: prices.Service = "vertex" if vertex else "developer"
    sentence = prices.end_of_life(name, service, today)
    if sentence is None:
        return well("model", f"{name} is current")
    found = prices.known(name)
    retired = found is not None and (day := found.retires.get(service)) is not None and day <= today
    return (fault if retired else warning)("model", sentence, "Set `gemini_model` and deploy again.")


def _answers(deployment: Deployment, name: str, variables: Mapping[str, str], *, vertex: bool) -> Check:
    """Asks for the model's description, which costs nothing."""
    import httpx2  # with genai half a second, which the other commands need not wait for
    from google.genai import errors

    key = variables.get("GEMINI_API_KEY") or None
    if not vertex and not key:
        return well("model", f"{name} is not asked: its key is in Secret Manager only")
    try:
        client = _client(deployment, key, variables, vertex=vertex)
        client.models.get(model=name)
    except errors.ClientError as error:
        advice = (
            "Set `gemini_model` to one that is offered there" if error.code == 404 else "Check the key or the rights"
        )
        return fault("model", f"{name} is refused: {error.code} {error.status}", f"{advice}, and deploy again.")
    except (errors.APIError, httpx2.HTTPError) as error:
        return warning("model", f"{name} does not answer: {type(error).__name__}", "Try again in a few minutes.")
    return well("model", f"{name} answers")


def _client(deployment: Deployment, key: str | None, variables: Mapping[str, str], *, vertex: bool) -> "genai.Client":
    from google import genai

    if vertex:
        location = variables.get("GOOGLE_CLOUD_LOCATION") or "global"
        return genai.Client(vertexai=True, project=deployment.project, location=location)
    return genai.Client(vertexai=False, api_key=key)
