"""Service x mode x fault for what speaks OpenAI's protocol: what was sent, what was billed, and what the row says."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from google.cloud import storage
from pydantic import ValidationError

from functions.extract import main
from functions.extract.dependencies import Dependencies
from functions.extract.extractors.chat import ChatExtractor
from shared.events import Event, Failure, FeaturesExtracted
from shared.media.creative import Creatives
from tests.azure_server import DEPLOYMENT, AzureServer
from tests.cases import some_of
from tests.functions.extract.extractions import drawn, request_for, settings


@pytest.fixture
def server() -> Iterator[AzureServer]:
    with AzureServer() as running:
        yield running


type Instances = Callable[[str], Dependencies]

A_CALL = (900 * Decimal("0.40") + 100 * Decimal("0.10") + 200 * Decimal("1.60")) / 1_000_000
# service -> what it is named in the settings, the model as the request names it, and USD of a call where that is known.
SERVICES: dict[str, tuple[dict[str, str], str | None, Decimal | None]] = {
    "azure": (
        {"azure_openai_api_key": "key", "azure_openai_deployment": DEPLOYMENT, "azure_openai_model": "gpt-4.1-mini"},
        None,
        A_CALL,
    ),
    "openai": ({"openai_model": "gpt-4.1-mini", "openai_api_key": "key"}, "gpt-4.1-mini", A_CALL),
    "one of our own": ({"openai_model": "qwen3-vl:8b"}, "qwen3-vl:8b", None),
}


@pytest.fixture
def instance(gcs: storage.Client, bucket: storage.Bucket, server: AzureServer) -> Instances:
    def made(service: str, **changed: Any) -> Dependencies:
        given: dict[str, Any] = SERVICES[service][0] | changed
        if service == "azure":
            given |= {"extractor": "azure", "azure_openai_endpoint": server.url}
        else:
            given |= {"extractor": "openai", "openai_base_url": f"{server.url}/v1"}
        chosen = settings(bucket, **given)
        return Dependencies(chosen, gcs.bucket(bucket.name), ChatExtractor(chosen, Creatives(gcs)))

    return made


# faults of the calls in turn -> requests that were sent, replies that were billed, those that came, and the row.
FAULTS: dict[str, tuple[int, int, int, str]] = {
    "": (1, 1, 1, "features"),
    "429 503": (3, 1, 1, "features"),
    "garbled": (2, 1, 1, "features"),
    "wrong_enum": (1, 1, 1, "features"),
    "nonsense": (2, 2, 2, "features"),
    "nonsense nonsense": (2, 2, 2, "invalid_answer"),
    "length length": (2, 2, 2, "invalid_answer"),
    "refusal": (1, 1, 1, "blocked_by_model"),
    "nonsense 400": (2, 1, 1, "refused_by_model"),
    "torn": (2, 2, 1, "features"),
    "silent nonsense": (2, 2, 1, "invalid_answer"),
    "504": (2, 2, 1, "features"),
    "nonsense torn": (2, 2, 1, "reply_lost"),
    "torn torn": (2, 2, 0, "reply_lost"),
    "504 silent": (2, 2, 0, "reply_lost"),
}


@pytest.mark.parametrize(
    ("service", "faults"),
    some_of(
        [*product(SERVICES, FAULTS)],
        in_the_gate=[*product(["azure"], FAULTS), *product([*SERVICES][1:], [""])],
    ),
)
def test_what_was_billed_is_what_the_row_says(
    instance: Instances, bucket: storage.Bucket, server: AzureServer, service: str, faults: str
) -> None:
    sent, billed, came, outcome = FAULTS[faults]
    server.orders.extend(faults.split())
    deps, request, events = instance(service), request_for(bucket, drawn()), list[Event]()

    for _ in range(20):
        events += main.step(deps, request)

    (row,) = {each.model_dump_json(): each for each in events}.values()
    assert isinstance(row, FeaturesExtracted | Failure)
    assert server.asked == sent
    assert {each.get("model") for each in server.accepted} == {SERVICES[service][1]}
    assert {each["response_format"]["type"] for each in server.accepted} == {"json_schema"}
    assert len(server.ledger) == billed
    assert (row.reason if isinstance(row, Failure) else "features") == outcome
    each = SERVICES[service][2]
    assert row.cost_usd == (came * each if came and each else None)
    assert isinstance(row, Failure) or row.mode == "standard"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("mode", ["flex", "batch"])
def test_what_has_no_half_price_is_not_asked_for_it(
    instance: Callable[..., Dependencies], service: str, mode: str
) -> None:
    with pytest.raises(ValidationError, match="others have no such price"):
        instance(service, extraction_mode=mode)
