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
from functions.extract.extractors import control_clip
from functions.extract.extractors.gemini import GeminiExtractor
from shared.events import Event, Extraction, Failure, FeaturesExtracted
from shared.media.creative import Creatives
from shared.models import gemini, trial
from shared.models.faults import MisconfiguredError
from shared.reasons import Reason, Rejected
from tests import videos
from tests.cases import first_of, some_of
from tests.functions.extract.extractions import drawn, request_for, settings
from tests.gemini_model import Tokens, digest
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


# service, mode -> what is sent for it: in the body, in a header, or as a batch.
WAYS: dict[tuple[str, str], tuple[str | None, str, bool]] = {
    ("developer", "standard"): (None, "", False),
    ("developer", "flex"): ("flex", "", False),
    ("developer", "batch"): (None, "", True),
    ("vertex", "standard"): (None, "", False),
    ("vertex", "flex"): (None, "flex", False),
}
# faults of the calls in turn -> how many requests were sent, how many replies were billed, and what the row says.
FAULTS: dict[str, tuple[int, int, str]] = {
    "": (1, 1, "features"),
    "429 503": (3, 1, "features"),
    "500": (2, 1, "features"),
    "page": (2, 1, "features"),
    "wrong_enum": (1, 1, "features"),
    "cut_off": (2, 2, "features"),
    "nonsense": (2, 2, "features"),
    "nonsense nonsense": (2, 2, "invalid_answer"),
    "max_tokens": (2, 2, "features"),
    "max_tokens max_tokens": (2, 2, "invalid_answer"),
    "empty empty": (2, 2, "invalid_answer"),
    "broken broken": (2, 2, "invalid_answer"),
    "safety": (1, 1, "blocked_by_model"),
    "blocked_prompt": (1, 1, "blocked_by_model"),
    "recitation": (2, 2, "features"),
    "recitation recitation": (2, 2, "recitation"),
    "nonsense 400": (2, 1, "refused_by_model"),
    "garbled": (2, 1, "features"),
    "torn": (2, 2, "features"),
    "silent": (2, 2, "features"),
    "torn nonsense": (2, 2, "invalid_answer"),
    "nonsense torn": (2, 2, "reply_lost"),
    "torn torn": (2, 2, "reply_lost"),
    "torn silent": (2, 2, "reply_lost"),
    "silent 400": (2, 1, "refused_by_model"),
}
OF_THE_CONNECTION = {
    "page",
    "broken broken",
    *(each for each in FAULTS if {"garbled", "torn", "silent"} & {*each.split()}),
}
"""A batch is no connection that breaks off."""
LOST = {"torn", "silent"}
UNPAID = {"429", "503", "500", "400", "page", "garbled"}
WITHOUT_USAGE = {"broken broken"}  # what a reply took stands at its end: an unknown cost is null, and never 0
TABLE = [(*way, fault) for way in WAYS for fault in FAULTS if not (way[1] == "batch" and fault in OF_THE_CONNECTION)]
ONE_OF_EACH_OUTCOME = {row[2]: fault for fault, row in reversed(FAULTS.items())}.values()
IN_THE_GATE = [
    row
    for row in TABLE
    if row[:2] == ("developer", "standard") or (row[:2] == ("developer", "batch") and row[2] in ONE_OF_EACH_OUTCOME)
]


@pytest.mark.parametrize(("service", "mode", "faults"), some_of(TABLE, IN_THE_GATE))
def test_what_was_sent_is_as_its_service_takes_it_and_what_was_billed_is_what_the_row_says(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer, service: str, mode: str, faults: str
) -> None:
    in_body, in_header, in_batch = WAYS[service, mode]
    sent, billed, outcome = FAULTS[faults]
    server.order(*faults.split())

    row = answered(instance(service, mode), request_for(bucket, drawn()))

    requests = [each for each in server.accepted if each.seen[0].content != trial.picture()]
    assert {each.body.get("serviceTier") for each in requests} == {in_body}
    assert {each.service.shared_request_type for each in requests} == {in_header}
    assert {each.service.is_batch for each in requests} == {in_batch}
    assert len(requests) == sent
    assert not server.refused
    control_of_ours = digest(trial.picture())
    paid = [each for each in server.ledger if each.mode == mode and each.content_hash != control_of_ours]
    assert len(paid) == billed
    assert (row.reason if isinstance(row, Failure) else "features") == outcome
    billed_faults = [fault for fault in [*faults.split(), "", ""] if fault not in UNPAID]
    came = [each.usd for each, fault in zip(paid, billed_faults, strict=False) if fault not in LOST]
    assert row.cost_usd == (sum(came) if came and faults not in WITHOUT_USAGE else None)


def answered(deps: Dependencies, request: Extraction) -> FeaturesExtracted | Failure:
    """The row of a request: at once, or after as many ticks as its batches take."""
    events: list[Event] = list(main.step(deps, request))
    while any(True for part in ("waiting/", "batches/") for _ in deps.bucket.list_blobs(prefix=part)):
        main.look_after_waiting(deps, events.extend)
    (row,) = [event for event in events if isinstance(event, FeaturesExtracted | Failure)]
    return row


@pytest.mark.parametrize("service", first_of(["developer", "vertex"]))
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
        ({"trafficType": "ON_DEMAND"}, "standard", Decimal(1)),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex", Decimal("0.5")),
        ({"trafficType": "ON_DEMAND_PRIORITY"}, "other", None),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, "other", None),
        ({"trafficType": "TRAFFIC_TYPE_UNSPECIFIED"}, "flex", Decimal("0.5")),
        ({}, "flex", Decimal("0.5")),
    ],
)
def test_the_price_follows_what_was_billed_and_not_what_was_asked_for(
    instance: Instances,
    bucket: storage.Bucket,
    server: GeminiServer,
    monkeypatch: pytest.MonkeyPatch,
    traffic: dict[str, str],
    mode: str,
    share: Decimal | None,
) -> None:
    monkeypatch.setattr("tests.gemini_model.Service.traffic", lambda *_: traffic)

    (row,) = main.step(instance("vertex", "flex"), request_for(bucket, drawn()))

    assert isinstance(row, FeaturesExtracted)
    assert row.mode == mode
    assert row.cost_usd == (None if share is None else server.spent_usd * 2 * share)


@pytest.mark.parametrize(("service", "mode"), WAYS)
def test_what_was_thought_and_what_was_read_from_a_cache_is_in_the_row_and_in_its_price(
    instance: Instances,
    bucket: storage.Bucket,
    server: GeminiServer,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    mode: str,
) -> None:
    said = Tokens.usage
    monkeypatch.setattr(Tokens, "usage", lambda tokens: said(tokens) | {"cachedContentTokenCount": 300})

    row = answered(instance(service, mode, thinking_level="high"), request_for(bucket, drawn()))

    assert isinstance(row, FeaturesExtracted)
    (paid,) = server.ledger
    assert (row.thinking_tokens, row.cached_tokens) == (paid.tokens.thoughts, 300)
    assert row.thinking_tokens
    assert row.cost_usd == paid.usd  # as long as no lower price is known for what was cached


@pytest.mark.parametrize("service", first_of(["developer", "vertex"]))
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


def test_a_control_that_was_answered_shows_that_requests_are_in_order_though_its_answer_is_lost(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    server.refuses = lambda asked: None if asked.seen[0].content == trial.picture() else "Provided image is not valid."
    server.order("torn")
    deps = instance("developer")

    for number in range(2):
        with pytest.raises(Rejected, match="refused_by_model"):
            list(main.step(deps, request_for(bucket, drawn(number))))

    assert len(server.ledger) == 1


def test_creatives_that_alone_are_refused_are_failed_at_the_price_of_one_control(
    instance: Instances, bucket: storage.Bucket, server: GeminiServer
) -> None:
    ours = (trial.picture(), control_clip.MP4)
    server.refuses = lambda asked: None if asked.seen[0].content in ours else "Provided image is not valid."
    film = request_for(bucket, videos.encode(videos.moving_square(1)), "video/mp4", duration_s=1)
    deps = instance("developer")

    for request in (request_for(bucket, drawn(1)), request_for(bucket, drawn(2)), film):
        with pytest.raises(Rejected) as rejected:
            list(main.step(deps, request))
        assert rejected.value.reason is Reason.REFUSED_BY_MODEL

    assert len(server.ledger) == 2  # one of our own of each kind
