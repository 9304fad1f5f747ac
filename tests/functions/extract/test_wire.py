"""Service x mode x fault: what was sent, what was billed, and what the row says. The wire is Google's, not ours."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from google import genai
from google.cloud import storage
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from functions.extract import main
from functions.extract.dependencies import Dependencies
from functions.extract.extractors import control, control_clip, gemini
from functions.extract.extractors.creative import Creatives
from functions.extract.extractors.extractor import MisconfiguredError
from functions.extract.extractors.gemini import GeminiExtractor
from shared.events import Failure, FeaturesExtracted
from shared.reasons import Reason, Rejected
from tests import videos
from tests.functions.extract.extractions import drawn, request_for, settings
from tests.gemini_server import GeminiServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        yield running


type Instances = Callable[..., Dependencies]


@pytest.fixture
def instance(gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer) -> Iterator[Instances]:
    with ExitStack() as clients:

        def made(service: str, mode: str = "standard", **changed: Any) -> Dependencies:
            chosen = settings(bucket, google_genai_use_vertexai=service == "vertex", extraction_mode=mode, **changed)
            client = clients.enter_context(gemini.client(chosen, Credentials(token="token")))
            return Dependencies(chosen, gcs.bucket(bucket.name), GeminiExtractor(chosen, client, Creatives(gcs)))

        yield made


# service, mode, faults of the calls in turn -> modes that were billed, and what the row says.
TABLE: list[tuple[str, str, list[str], list[str], str]] = [
    ("developer", "standard", [], ["standard"], "features"),
    ("developer", "flex", [], ["flex"], "features"),
    ("vertex", "standard", [], ["standard"], "features"),
    ("vertex", "flex", [], ["flex"], "features"),
    ("developer", "flex", ["429", "503"], ["flex"], "features"),
    ("vertex", "flex", ["garbled"], ["flex"], "features"),
    ("vertex", "flex", ["wrong_enum"], ["flex"], "features"),
    ("developer", "standard", ["nonsense"], ["standard"] * 2, "features"),
    ("vertex", "flex", ["nonsense", "nonsense"], ["flex"] * 2, "invalid_answer"),
    ("developer", "flex", ["max_tokens"], ["flex"] * 2, "features"),
    ("vertex", "standard", ["safety"], ["standard"], "blocked_by_model"),
    ("developer", "standard", ["blocked_prompt"], ["standard"], "blocked_by_model"),
    ("vertex", "flex", ["recitation"], ["flex"] * 2, "features"),
    ("developer", "standard", ["recitation", "recitation"], ["standard"] * 2, "recitation"),
    ("developer", "standard", ["nonsense", "400"], ["standard"], "refused_by_model"),
]


@pytest.mark.parametrize(("service", "mode", "faults", "billed", "outcome"), TABLE)
def test_what_was_billed_is_what_the_row_says(
    instance: Instances,
    bucket: storage.Bucket,
    server: GeminiServer,
    service: str,
    mode: str,
    faults: list[str],
    billed: list[str],
    outcome: str,
) -> None:
    server.order(*faults)

    (row,) = main.step(instance(service, mode), request_for(bucket, drawn()))

    assert isinstance(row, FeaturesExtracted | Failure)
    assert [paid.mode for paid in server.ledger] == billed
    assert (row.reason if isinstance(row, Failure) else "features") == outcome
    assert row.cost_usd == server.spent_usd
    assert not server.refused


@pytest.mark.parametrize("service", ["developer", "vertex"])
@pytest.mark.parametrize("mode", ["standard", "flex"])
def test_flex_is_asked_for_as_its_service_takes_it(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, service: str, mode: str
) -> None:
    film = videos.encode(videos.moving_square(1))
    deps = instance(service, mode)

    for content, kind in ((drawn(), "image/png"), (film, "video/mp4")):
        list(main.step(deps, request_for(bucket, content, kind, duration_s=1)))

    by_header = [asked.service.shared_request_type for asked in server.accepted]
    by_body = [asked.body.get("serviceTier") for asked in server.accepted]
    assert by_header == ["flex" if (service, mode) == ("vertex", "flex") else ""] * 2
    assert by_body == ["flex" if (service, mode) == ("developer", "flex") else None] * 2


def test_what_vertex_does_not_have_is_refused_by_googles_own_description(server: GeminiServer) -> None:
    options = types.HttpOptions(base_url=server.url)
    token = Credentials(token="t")
    config = types.GenerateContentConfig(service_tier=types.ServiceTier.FLEX)

    with (
        genai.Client(vertexai=True, project="x", location="global", credentials=token, http_options=options) as client,
        pytest.raises(errors.ClientError, match="serviceTier"),
    ):
        client.models.generate_content(model="gemini-3.5-flash-lite", contents="x", config=config)


@pytest.mark.parametrize(
    ("traffic", "mode", "share"),
    [
        ("ON_DEMAND", "standard", Decimal(1)),
        ("ON_DEMAND_FLEX", "flex", Decimal("0.5")),
        ("ON_DEMAND_PRIORITY", "other", None),
    ],
)
def test_the_price_follows_what_was_billed_and_not_what_was_asked_for(
    instance: Instances,
    bucket: storage.Bucket,
    server: GeminiServer,
    monkeypatch: pytest.MonkeyPatch,
    traffic: str,
    mode: str,
    share: Decimal | None,
) -> None:
    monkeypatch.setattr("tests.gemini_model.Service.traffic", lambda *_: {"trafficType": traffic})

    (row,) = main.step(instance("vertex", "flex"), request_for(bucket, drawn()))

    assert isinstance(row, FeaturesExtracted)
    assert row.mode == mode
    assert row.cost_usd == (None if share is None else server.spent_usd * 2 * share)


@pytest.mark.parametrize("service", ["developer", "vertex"])
@pytest.mark.parametrize("mode", ["standard", "flex"])
def test_a_request_that_is_refused_whatever_it_is_about_fails_no_creative(
    instance: Instances,
    bucket: storage.Bucket,
    server: GeminiServer,
    capsys: pytest.CaptureFixture[str],
    service: str,
    mode: str,
) -> None:
    server.refuses = lambda _: "Request contains an invalid argument."
    deps = instance(service, mode)
    requests = [request_for(bucket, drawn(number)) for number in range(5)]

    for request in requests:
        with pytest.raises(MisconfiguredError, match="one of our own as well"):
            list(main.step(deps, request))

    assert len(server.refused) == len(requests) + 1  # one of our own, once
    assert capsys.readouterr().out.count("refuses our own creative too") == 1
    assert not server.ledger


def test_what_was_refused_goes_on_once_the_configuration_is_mended(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    deps, request = instance("vertex"), request_for(bucket, drawn())
    server.refuses = lambda _: "Request contains an invalid argument."
    with pytest.raises(MisconfiguredError):
        list(main.step(deps, request))
    server.refuses = lambda _: None

    (row,) = main.step(deps, request)

    assert isinstance(row, FeaturesExtracted)


def test_once_a_creative_is_answered_a_refusal_is_about_its_own_creative_again(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    deps = instance("vertex")
    server.refuses = lambda _: "Request contains an invalid argument."
    with pytest.raises(MisconfiguredError):
        list(main.step(deps, request_for(bucket, drawn(1))))
    server.refuses = lambda _: None
    list(main.step(deps, request_for(bucket, drawn(2))))
    server.refuses = lambda _: "Provided image is not valid."

    with pytest.raises(Rejected) as rejected:
        list(main.step(deps, request_for(bucket, drawn(3))))

    assert rejected.value.reason is Reason.REFUSED_BY_MODEL


def test_creatives_that_alone_are_refused_are_failed_at_the_price_of_one_control(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    ours = (control.picture(), control_clip.MP4)
    server.refuses = lambda asked: None if asked.seen[0].content in ours else "Provided image is not valid."
    film = request_for(bucket, videos.encode(videos.moving_square(1)), "video/mp4", duration_s=1)
    deps = instance("developer")

    for request in (request_for(bucket, drawn(1)), request_for(bucket, drawn(2)), film):
        with pytest.raises(Rejected) as rejected:
            list(main.step(deps, request))
        assert rejected.value.reason is Reason.REFUSED_BY_MODEL

    assert len(server.ledger) == 2  # one of our own of each kind
