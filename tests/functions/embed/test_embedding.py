"""Vectors of creatives: each is asked for once, copies never, and what could not be made says why or is made later."""

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage
from google.oauth2.credentials import Credentials

from functions.embed import due, embedding, main
from functions.embed.due import Answered
from functions.embed.embedding import Dependencies
from functions.embed.settings import EmbedSettings
from shared import described, identity
from shared.events import Embedding, Event, FeaturesExtracted, Kind, Match
from shared.models import gemini, trial
from shared.reasons import Reason
from shared.settings import SettingsError
from shared.stage import Message
from tests import pictures, videos
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of, some_of
from tests.functions.extract.extractions import drawn
from tests.gemini_server import GeminiServer
from tests.infra.views.rows import FEATURES_EVENT, START, World

MODEL = "gemini-embedding-2"
DIMENSIONS = 128
NUMBERS = itertools.count()


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        patch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        yield running


@contextmanager
def instance(bucket: storage.Bucket, tables: bigquery.Client, **changed: Any) -> Iterator[Dependencies]:
    """A new instance of the stage."""
    given = {
        "google_cloud_project": PROJECT,
        **{f"{part}_bucket": bucket.name for part in ("creatives", "results", "staging")},
        "gemini_api_key": "key",
        "embedding_model": MODEL,
        "embedding_dimensions": DIMENSIONS,
        "retry_pause_s": 0.01,
    }
    settings = EmbedSettings(**given | changed)
    with gemini.client(settings, Credentials(token="token")) as client:
        yield Dependencies(settings, tables, bucket.client, client)


def analysed(bucket: storage.Bucket, content: bytes | None = None, **fields: Any) -> Answered:
    """One more creative that was analysed; its file is in the bucket."""
    content = drawn(next(NUMBERS)) if content is None else content
    creative_id = identity.creative_id(content)
    bucket.blob(f"fetched/{creative_id}").upload_from_string(content)
    given = {
        "event_id": f"event-{creative_id[:6]}",
        "occurred_at": START,
        "creative_id": creative_id,
        "kind": Kind.IMAGE,
        "uri": f"gs://{bucket.name}/fetched/{creative_id}",
        "content_type": "image/png",
        "batch_id": "batch-1",
        "features": {"text": "Summer sale", "brand": "Lumera"},
    }
    return Answered.model_validate(given | fields)


class Stage:
    """The stage, which is told what lacks a vector: those whose rows nobody has seen."""

    def __init__(self, bucket: storage.Bucket) -> None:
        self.bucket = bucket
        self.answered: list[Answered] = []

    def analysed(self, content: bytes | None = None, **fields: Any) -> str:
        """The id of one more creative that was analysed."""
        self.answered.append(analysed(self.bucket, content, **fields))
        return self.answered[-1].creative_id

    def tick(self, *, seen: bool = True, **changed: Any) -> list[Embedding]:
        """The rows of a tick of a new instance; `seen`: they get into the table."""
        with instance(self.bucket, bigquery.Client(PROJECT, AnonymousCredentials()), **changed) as deps:
            rows = list(embedding.made(deps, self.answered))
        done = {row.creative_id for row in rows if seen}
        self.answered = [each for each in self.answered if each.creative_id not in done]
        return rows


@pytest.fixture
def stage(bucket: storage.Bucket) -> Stage:
    return Stage(bucket)


@pytest.mark.parametrize("service", ["developer", "vertex"])
def test_a_creative_is_asked_about_once_with_its_picture_and_words(
    stage: Stage, server: GeminiServer, service: str
) -> None:
    ids = {stage.analysed(), stage.analysed(features={})}

    rows = stage.tick(google_genai_use_vertexai=service == "vertex")

    assert {row.creative_id for row in rows} == ids
    assert all(len(row.vector) == DIMENSIONS and row.cost_usd and row.input_tokens for row in rows)
    assert {len(asked.seen) for asked in server.embeddings} == {1}
    assert {asked.texts for asked in server.embeddings} == {("title: none | text: Lumera. Summer sale",), ()}
    assert sum(row.cost_usd or 0 for row in rows) == server.spent_usd
    assert server.refused == []


def test_a_tick_that_comes_again_before_its_rows_are_seen_pays_for_nothing(stage: Stage, server: GeminiServer) -> None:
    stage.analysed()

    first, again = stage.tick(seen=False), stage.tick(seen=False)

    assert first == again != []
    assert len(server.ledger) == 1


def test_what_the_days_money_does_not_cover_is_made_when_there_is_more(stage: Stage, server: GeminiServer) -> None:
    ids = {stage.analysed() for _ in range(5)}

    some = stage.tick(daily_budget_usd=Decimal("0.0003"))
    none = stage.tick(daily_budget_usd=Decimal("0.0003"))
    rest = stage.tick(daily_budget_usd=Decimal(1))

    assert 1 <= len(some) <= 3
    assert none == []
    assert {row.creative_id for row in some + rest} == ids
    assert len(server.ledger) == len(some) + len(rest) == len(ids)


def test_a_budget_without_a_price_is_refused(stage: Stage) -> None:
    with pytest.raises(SettingsError, match="no price"):
        stage.tick(embedding_model="x", daily_budget_usd=1)


def test_a_batch_whose_money_is_spent_holds_no_other_up(stage: Stage, server: GeminiServer) -> None:
    ids = [stage.analysed(batch_id=batch) for batch in ("one", "one", "two")]

    rows = stage.tick(batch_budget_usd=Decimal("0.0000001"))

    assert {row.creative_id for row in rows} in ({ids[0], ids[2]}, {ids[1], ids[2]})
    assert len(server.ledger) == 2


def test_a_film_is_shown_by_some_of_its_pictures_and_what_is_nobodys_file_by_its_words(
    stage: Stage, server: GeminiServer
) -> None:
    film = stage.analysed(
        videos.film_file([(second, pictures.draw(64, 64, seed=second)) for second in range(9)], 9.0),
        content_type="video/mp4",
        kind=Kind.VIDEO,
        duration_s=9.0,
        features={"text": "Drive"},
    )
    address = stage.analysed(uri="https://www.youtube.com/watch?v=0123456789a", content_type="video/*", kind=Kind.VIDEO)

    rows = {row.creative_id: row for row in stage.tick()}

    assert {row.reason for row in rows.values()} == {None}
    assert rows.keys() == {film, address}
    assert sorted(len(asked.seen) for asked in server.embeddings) == [0, 5]


def test_what_cannot_be_shown_says_why_and_is_not_tried_again(stage: Stage, server: GeminiServer) -> None:
    gone = stage.analysed()
    stage.bucket.blob(f"fetched/{gone}").delete()
    nothing = stage.analysed(uri="https://www.youtube.com/watch?v=0123456789a", features={})

    rows = {row.creative_id: row for row in stage.tick()}

    assert {id: row.reason for id, row in rows.items()} == {
        gone: Reason.OBJECT_GONE,
        nothing: Reason.VIDEO_PLATFORM_PAGE,
    }
    assert not any(row.vector or row.cost_usd or row.answer_uri for row in rows.values())
    assert server.ledger == []


def test_a_creative_that_the_model_refuses_fails_alone(stage: Stage, server: GeminiServer) -> None:
    refused, other = stage.analysed(features={"text": "odd"}), stage.analysed(features={"text": "even"})
    server.refuses_embedding = lambda asked: "no" if asked.texts == ("title: none | text: odd",) else None

    rows = {row.creative_id: row.reason for row in stage.tick()}

    assert rows == {refused: Reason.REFUSED_BY_MODEL, other: None}
    assert trial.picture() in {asked.seen[0].content for asked in server.embeddings}


@pytest.mark.parametrize("refusal", first_of(["400", "401", "404"]))
def test_where_the_service_refuses_whatever_we_ask_no_creative_is_failed(
    stage: Stage, server: GeminiServer, capsys: pytest.CaptureFixture[str], refusal: str
) -> None:
    ids = {stage.analysed(), stage.analysed()}
    server.order(*[refusal] * 10)

    assert stage.tick() == []

    assert "cannot be used as configured" in capsys.readouterr().out
    server.orders.clear()
    assert {row.creative_id for row in stage.tick() if row.vector} == ids


@pytest.mark.parametrize("fault", ["429", "503"])
def test_a_fault_that_passes_is_outlasted_or_left_to_a_later_tick(
    stage: Stage, server: GeminiServer, fault: str
) -> None:
    stage.analysed()
    server.order(*[fault] * 2)
    assert [bool(row.vector) for row in stage.tick()] == [True]

    stage.analysed()
    server.order(*[fault] * 4)
    assert stage.tick() == []
    assert [bool(row.vector) for row in stage.tick()] == [True]
    assert len(server.ledger) == 2


@pytest.mark.parametrize("fault", ["torn", "silent"])
def test_calls_whose_reply_is_lost_are_made_twice_at_most_and_counted_against_the_budget(
    stage: Stage, server: GeminiServer, fault: str
) -> None:
    stage.analysed()
    server.order(fault, fault)

    ticks = [stage.tick(daily_budget_usd=Decimal(1)) for _ in range(4)]

    assert [[row.reason for row in rows] for rows in ticks] == [[], [], [Reason.REPLY_LOST], []]
    assert len(server.ledger) == 2
    (drawn_of,) = stage.bucket.list_blobs(prefix="budget/days/")
    assert Decimal(json.loads(drawn_of.download_as_bytes())["drawn_usd"]) >= server.spent_usd


@pytest.mark.parametrize(
    "values",
    some_of(
        [[], [0.0] * DIMENSIONS, [1.0] * (DIMENSIONS - 1), [True] * DIMENSIONS, ["1"] * DIMENSIONS, None],
        in_the_gate=[[1.0] * (DIMENSIONS - 1), None],
    ),
)
def test_an_answer_that_is_no_vector_is_paid_for_once(stage: Stage, server: GeminiServer, values: object) -> None:
    stage.analysed()
    server.sends = lambda reply: reply | {"embeddings": [{"values": values}]}

    (row,) = stage.tick()

    assert (row.reason, row.vector, row.cost_usd) == (Reason.INVALID_ANSWER, [], server.spent_usd)


def test_infinity_is_no_number_of_a_vector(stage: Stage, server: GeminiServer) -> None:
    stage.analysed()
    server.sends = lambda _: b'{"embeddings": [{"values": [' + b",".join([b"1e999"] * DIMENSIONS) + b"]}]}"

    (row,) = stage.tick()

    assert (row.reason, row.cost_usd) == (Reason.INVALID_ANSWER, None)


def test_tokens_that_are_not_told_apart_cost_what_pictures_do(stage: Stage, server: GeminiServer) -> None:
    stage.analysed(features={"text": "x" * 400})
    server.sends = lambda reply: reply | {"usageMetadata": {"promptTokenCount": 1000}}

    (row,) = stage.tick()

    assert row.cost_usd == Decimal("0.00045")


def test_what_lacks_a_vector_stands_in_the_tables_and_copies_never_do(
    dataset: Dataset, bucket: storage.Bucket, server: GeminiServer
) -> None:
    one, other, copy = (analysed(bucket) for _ in range(3))
    bucket.blob(f"fetched/{other.creative_id}").delete()
    known = {one.creative_id: one.creative_id, other.creative_id: other.creative_id, copy.creative_id: one.creative_id}
    dataset.load("features", [answer_of(each) for each in (one, other, copy)])
    dataset.load("matches", [match_of(*each) for each in known.items()])

    def tick(**changed: Any) -> dict[str, Reason | None]:
        with instance(bucket, dataset.client, dataset=dataset.name, **changed) as deps:
            rows = [each for each in embedding.lacking(deps) if isinstance(each, Embedding)]
        dataset.load("embeddings", rows * 2)
        return {row.creative_id: row.reason for row in rows}

    assert tick() == {one.creative_id: None, other.creative_id: Reason.OBJECT_GONE}
    assert tick() == {}
    assert tick(embedding_dimensions=256).keys() == {one.creative_id, other.creative_id}
    again = one.model_copy(update={"occurred_at": START + timedelta(hours=1)})
    dataset.load("features", [answer_of(again)])
    assert tick() == {one.creative_id: None}
    current = dataset.query("SELECT dimensions, answered_at, reason FROM current_embeddings ORDER BY 1, 2, 3")
    assert [tuple(row.values()) for row in current] == [
        (DIMENSIONS, START, Reason.OBJECT_GONE),
        (DIMENSIONS, again.occurred_at, None),
        (256, START, None),
        (256, START, Reason.OBJECT_GONE),
    ]
    (spent,) = dataset.query("SELECT SUM(cost_usd) AS usd, SUM(answers) AS n FROM costs WHERE extractor = 'embed'")
    assert (spent["usd"], spent["n"]) == (server.spent_usd, len(server.ledger)) == (server.spent_usd, 3)


def answer_of(answered: Answered) -> FeaturesExtracted:
    return FEATURES_EVENT.model_validate(World().answer("x").model_dump() | answered.model_dump(exclude_none=True))


def match_of(creative_id: str, canonical: str) -> Match:
    of_it = {"creative_id": creative_id, "canonical_id": canonical, "family_id": canonical}
    kind = "new" if creative_id == canonical else "duplicate"
    return Match.model_validate(World().match("x").model_dump() | of_it | {"match": kind})


def test_ticks_read_nothing_while_nothing_is_new(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(["a", "a", "b", None, "b"])
    monkeypatch.setattr(described, "description", lambda *_: next(told))
    read = Mock(side_effect=[[], [], [], []])
    monkeypatch.setattr(due, "due", read)

    with instance(bucket, bigquery.Client(PROJECT, AnonymousCredentials())) as deps:
        ticks = [list(embedding.lacking(deps)) for _ in range(5)]

    assert ticks == [[]] * 5
    assert read.call_count == 3


def test_where_no_model_is_named_or_can_be_asked_nothing_is_done(
    buckets: Any, server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variables in ({}, {"EMBEDDING_MODEL": MODEL}, {"GEMINI_API_KEY": "key"}):
        with ExitStack() as environment:
            patch = environment.enter_context(pytest.MonkeyPatch.context())
            for name, value in variables.items():
                patch.setenv(name, value)
            main.settings.forget()

            assert list[Event](main.step(Message(b"{}", {}, "1"))) == []
    main.settings.forget()
    assert server.embeddings == []
