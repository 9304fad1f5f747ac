"""Whatever a model writes, a creative costs at most two calls over twenty deliveries, and every cent is in its row."""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from google.cloud import storage
from google.oauth2.credentials import Credentials
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from functions.extract import main
from functions.extract.dependencies import Dependencies
from functions.extract.extractors.gemini import GeminiExtractor
from functions.extract.settings import Mode
from shared.events import Event, Extraction, Failure, FeaturesExtracted, Wait
from shared.features import ImageFeatures, features_event
from shared.media.creative import Creatives
from shared.models import gemini, receiving
from shared.reasons import Reason
from tests.cases import some_of
from tests.functions.extract.extractions import drawn, request_for, settings
from tests.gemini_server import GeminiServer

DELIVERIES = 20
ANSWERS = int(os.environ.get("PAID_ONCE_ANSWERS", property_settings().max_examples // 3))
"""How many answers are drawn: more than the gate has time for say so in the environment."""

NUMBERS = itertools.count()
WAYS: list[tuple[str, Mode]] = [
    *((service, mode) for service in ("developer", "vertex") for mode in ("standard", "flex")),
    ("developer", "batch"),
]

whole = dict.fromkeys(ImageFeatures.model_fields)


@pytest.fixture(scope="module")
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        patch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        yield running


@pytest.fixture
def deps(gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer) -> Iterator[Dependencies]:
    chosen = settings(bucket)
    server.ledger.clear()
    with gemini.client(chosen) as client:
        yield Dependencies(chosen, gcs.bucket(bucket.name), GeminiExtractor(chosen, client, Creatives(gcs)))


type Ways = dict[tuple[str, Mode], Dependencies]


@pytest.fixture
def ways(gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer) -> Iterator[Ways]:
    """An instance for each service and mode."""
    with ExitStack() as clients:

        def made(service: str, mode: Mode) -> Dependencies:
            chosen = settings(bucket, google_genai_use_vertexai=service == "vertex", extraction_mode=mode)
            client = clients.enter_context(gemini.client(chosen, Credentials(token="token")))
            return Dependencies(chosen, gcs.bucket(bucket.name), GeminiExtractor(chosen, client, Creatives(gcs)))

        yield {(service, mode): made(service, mode) for service, mode in WAYS}


def delivered(deps: Dependencies, request: Extraction) -> FeaturesExtracted | Failure:
    """The row that twenty deliveries publish, the same each time, in the form in which it is published."""
    events: list[Event] = []
    for _ in range(DELIVERIES):
        events += main.step(deps, request)
        if deps.settings.extraction_mode == "batch":
            main.look_after_waiting(deps, events.extend)
    rows = [event for event in events if not isinstance(event, Wait)]
    (published,) = {row.model_dump_json(exclude_none=True) for row in rows}
    published.encode()
    assert isinstance(rows[0], FeaturesExtracted | Failure)
    return rows[0]


def text_of(answer: dict[str, Any]) -> str:
    return json.dumps(whole | answer)


HALF = '{"brand": "\\ud83d", ' + text_of({})[1:]
HOSTILE = {
    "half an emoji": HALF,
    "half an emoji, raw": text_of({}).replace('"brand": null', '"brand": "x \ud83d y"'),
    "50,000 levels": "[" * 50_000,
    "50,000 objects": '{"a":' * 50_000,
    "levels in a field": text_of({}).replace('"brand": null', '"brand": ' + "[" * 3000 + "]" * 3000),
    "10 MB": text_of({"summary": "x" * 10_000_000}),
    "NaN": text_of({}).replace('"price": null', '"price": NaN'),
    "1e400": text_of({}).replace('"price": null', '"price": 1e400'),
    "infinity in words": text_of({"price": "Infinity"}),
    "beyond 64 bits": text_of({"people_count": 2**63}),
    "5,000 digits": text_of({}).replace('"people_count": null', '"people_count": ' + "9" * 5000),
    "fences": "```json\n" + text_of({}) + "\n```",
    "twice": text_of({}) * 2,
    "two answers": text_of({}) + text_of({"brand": "other"}),
    "nothing": "",
    "null": "null",
    "an empty object": "{}",
    "NUL": text_of({"brand": "a\0b"}),
}


@pytest.mark.parametrize("kind", some_of(HOSTILE, in_the_gate=[*HOSTILE][::3]))
def test_an_answer_that_breaks_parsers_is_paid_for_twice_at_most(
    deps: Dependencies, bucket: storage.Bucket, server: GeminiServer, kind: str
) -> None:
    server.answer = lambda _: HOSTILE[kind]

    row = delivered(deps, request_for(bucket, drawn()))

    assert len(server.ledger) <= 2
    assert row.cost_usd == server.spent_usd
    assert row.cost_usd
    assert isinstance(row, FeaturesExtracted) or row.reason is Reason.INVALID_ANSWER


MENDED = {
    "half an emoji": (text_of({"brand": "\ud83d"}), "brand", "\ufffd", []),
    "fences": ("```json\n" + text_of({"brand": "Vanta"}) + "\n```", "brand", "Vanta", []),
    "prose around": ("Here it is: " + text_of({"brand": "Vanta"}) + " Bye.", "brand", "Vanta", []),
    "twice": (text_of({"brand": "Vanta"}) * 2, "brand", "Vanta", []),
    "capitals": (text_of({"style": "Photo"}), "style", "photo", []),
    "separators": (text_of({"product_category": "Real estate"}), "product_category", "real_estate", []),
    "British": (text_of({"dominant_colors": ["Grey"]}), "dominant_colors", ["gray"], []),
    "nothing in words": (text_of({"currency": ""}), "currency", None, []),
    "a country": (text_of({"language": "pt-BR"}), "language", "pt", []),
    "capital letters": (text_of({"language": "EN"}), "language", "en", []),
    "small letters": (text_of({"currency": "usd"}), "currency", "USD", []),
    "a sign": (text_of({"currency": "€"}), "currency", None, ["currency"]),
    "too many": (text_of({"dominant_colors": ["red"] * 6}), "dominant_colors", ["red"] * 5, []),
    "no such mood": (text_of({"mood": "no_such"}), "mood", None, ["mood"]),
    "one of several": (text_of({"dominant_colors": ["red", "no_such"]}), "dominant_colors", None, ["dominant_colors"]),
    "1e400": (HOSTILE["1e400"], "price", None, ["price"]),
    "in words": (HOSTILE["infinity in words"], "price", None, ["price"]),
    "beyond 64 bits": (HOSTILE["beyond 64 bits"], "people_count", None, ["people_count"]),
    "within 64 bits": (text_of({"people_count": 2**63 - 1}), "people_count", 2**63 - 1, []),
    "too long": (text_of({"summary": "x" * 200_000}), "summary", None, ["summary"]),
    "missing": (json.dumps({name: None for name in whole if name != "mood"}), "mood", None, ["mood"]),
}


@pytest.mark.parametrize("kind", some_of(MENDED, in_the_gate=[*MENDED][::3]))
def test_what_can_be_mended_for_nothing_is(
    deps: Dependencies, bucket: storage.Bucket, server: GeminiServer, kind: str
) -> None:
    text, name, value, unusable = MENDED[kind]
    server.answer = lambda _: text

    (row,) = main.step(deps, request_for(bucket, drawn()))

    assert isinstance(row, FeaturesExtracted)
    features = row.model_dump(mode="json")["features"]  # the column is added from the feature model
    found = features.get(name)  # nothing is left out of a row, and of a list nothing is an empty one
    assert (None if found == [] else found) == value
    assert row.unusable_fields == unusable
    assert len(server.ledger) == 1


def test_the_reply_is_kept_byte_for_byte_before_anything_reads_it(
    deps: Dependencies, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda _: HALF

    def unable(raw: bytes) -> None:
        raise RuntimeError("nobody can read this")

    monkeypatch.setattr("functions.extract.extractors.replies.read", unable)
    for _ in range(DELIVERIES):
        with pytest.raises(RuntimeError):
            list(main.step(deps, request_for(bucket, drawn())))

    (kept,) = bucket.list_blobs(prefix="replies/")
    reply = json.loads(kept.download_as_bytes())
    assert reply["candidates"][0]["content"]["parts"][0]["text"] == HALF
    assert len(server.ledger) == 1


TEXT = text_of({"brand": "Vanta"})


def as_stream(reply: dict[str, Any]) -> bytes:
    """As a gateway sends it that streams whatever was asked for."""
    return b"data: " + json.dumps(reply).encode() + b"\r\n\r\ndata: [DONE]\r\n\r\n"


MOST_BYTES = 200_000
# What goes over the wire with the status of a reply, and is none that can be read.
BODIES: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "server-sent events": as_stream,
    "UTF-16": lambda reply: json.dumps(reply).encode("utf-16"),
    "UTF-32": lambda reply: json.dumps(reply).encode("utf-32"),
    "levels": lambda _: b'{"candidates": ' + b"[" * 50_000,
    "a list": lambda reply: json.dumps([reply]).encode(),
    "a string": lambda _: b'"ok"',
    "nothing": lambda _: b"",
    "bytes": lambda _: bytes(range(256)) * 4,
    "lines": lambda reply: json.dumps(reply).encode() + b"\n" + json.dumps(reply).encode(),
    "more than is read": lambda _: b'{"candidates": "' + b"x" * MOST_BYTES,
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_reply_is_kept_as_it_came_and_paid_for_twice_at_most(
    deps: Dependencies, bucket: storage.Bucket, server: GeminiServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(receiving, "MOST_BYTES", MOST_BYTES)

    def sends(reply: dict[str, Any]) -> bytes:
        sent.append(BODIES[kind](reply))
        return sent[-1]

    monkeypatch.setattr(server, "sends", sends)

    row = delivered(deps, request_for(bucket, drawn()))

    assert isinstance(row, Failure)
    assert row.reason is Reason.INVALID_ANSWER
    assert row.cost_usd is None, "what was paid is not known"
    assert len(server.ledger) == len(sent) == 2
    kept = [blob.download_as_bytes() for blob in sorted(bucket.list_blobs(prefix="replies/"), key=lambda b: b.name)]
    assert kept == [body[:MOST_BYTES] for body in sent]


@pytest.mark.parametrize("faults", [("torn", "torn"), ("silent", "late"), ("late", "torn"), ("late", "late")])
def test_replies_that_are_lost_on_the_way_are_paid_for_twice_at_most_and_counted_against_the_budget(
    gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer, faults: tuple[str, str]
) -> None:
    chosen = settings(bucket, daily_budget_usd="1", call_timeout_s=0.2, extraction_timeout_s=2)
    server.ledger.clear()
    server.order(*faults, *["torn"] * DELIVERIES)
    with gemini.client(chosen) as client:
        deps = Dependencies(chosen, gcs.bucket(bucket.name), GeminiExtractor(chosen, client, Creatives(gcs)))
        today, request = deps.budget.today(), request_for(bucket, drawn())
        estimate = deps.estimate(request)
        row = delivered(deps, request)
    server.orders.clear()

    assert isinstance(row, Failure)
    assert row.reason is Reason.REPLY_LOST
    assert row.cost_usd is None, "what was paid is not known"
    assert len(server.ledger) == 2
    assert today
    assert estimate
    assert Decimal(1) - today.left() == estimate * 2
    assert f"about {estimate * 2:f} USD" in row.detail


def test_a_lost_reply_that_a_later_one_makes_good_is_no_part_of_the_row_and_is_counted_against_the_budget(
    gcs: storage.Client, bucket: storage.Bucket, server: GeminiServer
) -> None:
    chosen = settings(bucket, daily_budget_usd="1")
    server.ledger.clear()
    server.answer = lambda _: TEXT
    server.order("torn")
    with gemini.client(chosen) as client:
        deps = Dependencies(chosen, gcs.bucket(bucket.name), GeminiExtractor(chosen, client, Creatives(gcs)))
        today, request = deps.budget.today(), request_for(bucket, drawn())
        row = delivered(deps, request)

    assert isinstance(row, FeaturesExtracted)
    assert row.cost_usd == server.ledger[-1].usd
    assert len(server.ledger) == 2
    assert today
    assert Decimal(1) - today.left() == (deps.estimate(request) or 0) + server.ledger[-1].usd


def test_one_request_made_on_purpose_may_be_lost_twice_more(
    deps: Dependencies, bucket: storage.Bucket, server: GeminiServer
) -> None:
    request = request_for(bucket, drawn())
    server.answer = lambda _: TEXT
    server.order("torn", "torn")
    assert isinstance(delivered(deps, request), Failure)

    row = delivered(deps, request.model_copy(update={"event_id": "on-purpose", "requested_by": "reextract"}))

    assert isinstance(row, FeaturesExtracted)
    assert len(server.ledger) == 3


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["", "1e999", "NaN", "pt-BR", "€", "null", "Photo"]),
)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
objects = st.dictionaries(st.sampled_from(list(whole)) | st.text(max_size=5), values, max_size=30)


@st.composite
def answers(draw: st.DrawFn) -> str:
    """What a model might write: mostly near what was asked for, sometimes anything."""
    given = draw(st.one_of(objects, objects.map(lambda changed: whole | changed), values))
    text = json.dumps(given, ensure_ascii=draw(st.booleans()))
    before, after = draw(st.sampled_from([("", ""), ("```json\n", "\n```"), ("\ufeff", ""), ("So: ", " {")]))
    kept = draw(st.sampled_from([len(text), len(text), len(text) // 2]))
    return before + text[:kept] * draw(st.sampled_from([1, 1, 2])) + after


@property_settings(
    max_examples=ANSWERS, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(way=st.sampled_from(WAYS), said=st.lists(answers(), min_size=2, max_size=2))
def test_a_creative_costs_two_calls_at_most_whatever_the_model_writes(
    ways: Ways, bucket: storage.Bucket, server: GeminiServer, way: tuple[str, Mode], said: list[str]
) -> None:
    server.ledger.clear()
    left = [*said, *["the third one"] * DELIVERIES]
    server.answer = lambda _: left.pop(0)

    row = delivered(ways[way], request_for(bucket, drawn(next(NUMBERS))))

    assert 1 <= len(server.ledger) <= 2
    assert {paid.mode for paid in server.ledger} == {way[1]}
    assert row.cost_usd == server.spent_usd
    model = features_event(ImageFeatures) if isinstance(row, FeaturesExtracted) else Failure
    published = row.model_dump_json(exclude_none=True)
    assert model.model_validate_json(published).model_dump_json(exclude_none=True) == published
