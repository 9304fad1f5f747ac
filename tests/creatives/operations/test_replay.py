"""What a replay sends: the very message that failed, into the stage where it failed, and nothing that was made good."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from creatives.operations import failures, replay
from creatives.operations.failures import Choice, Failed
from creatives.operations.replay import Message, Plan, Replayer
from creatives.operations.tables import Tables
from functions.intake import notification
from shared import stage, wiring
from shared.events import Ad, Extraction, Fingerprint, ImageObject, VideoObject
from shared.reasons import Reason
from shared.wiring import ROOT
from tests.bigquery import Dataset
from tests.creatives.operations.conftest import Build, fill, rows_of
from tests.gcs import Buckets
from tests.infra.views.rows import Row, World, moment
from tests.local.pubsub.servers import running

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALL = Choice()
NAMELESS: dict[str, Any] = {"ad_id": None, "source": None}


def upload(w: World, stage: str, reason: Reason = Reason.OBJECT_GONE) -> list[Row]:
    return [w.upload("x", "a"), w.image("a"), w.failed_creative("a", stage, reason)]


CASES: Mapping[str, Build] = {
    "an address that was not found": lambda w: [w.ad("x"), w.failed_ad("x")],
    "an address that was found since": lambda w: [w.ad("x"), w.failed_ad("x"), w.sighting("x", "a", at=9)],
    "a file that was gone from where it was fetched to": lambda w: [
        w.ad("x"),
        w.sighting("x", "a"),
        w.image("a"),
        w.failed_creative("a", "hash", Reason.OBJECT_GONE),
    ],
    "an uploaded image that was gone at hash": lambda w: upload(w, "hash"),
    "a broken image": lambda w: upload(w, "hash", Reason.BROKEN_IMAGE),
    "a video at probe": lambda w: [
        w.upload("x", "a"),
        w.video("a"),
        w.failed_creative("a", "probe", Reason.OBJECT_GONE),
    ],
    "an answer that did not fit, of a creative with a copy": lambda w: [
        w.sighting("x", "a"),
        w.match("a"),
        w.extraction("a"),
        w.failed_creative("a", "extract", Reason.INVALID_ANSWER),
        w.sighting("y", "b"),
        *w.copied("b", "a"),
    ],
    "no record of what failed": lambda w: [
        w.sighting("x", "a"),
        w.match("a"),
        w.failed_creative("a", "extract", Reason.INVALID_ANSWER),
    ],
    "an item that is no ad": lambda w: [w.failed_ad("x", Reason.MALFORMED_AD, **NAMELESS)],
    "a raw ad without a URL": lambda w: [w.raw_ad("x", url=None)],
    "a letter of hash": lambda w: [w.sighting("x", "a"), w.image("a"), w.dead_letter("hash", w.image("a"))],
    "a letter that was given up twice": lambda w: [
        w.sighting("x", "a"),
        *(w.dead_letter("dedup", w.fingerprint("a"), at=at) for at in (90, 95)),
    ],
    "a letter that was made good": lambda w: [w.ad("x"), w.dead_letter("fetch-ads", w.ad("x")), w.sighting("x", "a")],
    "a letter of features": lambda w: [
        w.sighting("x", "a"),
        w.match("a"),
        w.dead_letter("features-rows", w.answer("a")),
    ],
    "a letter of a wait": lambda w: [w.dead_letter("waits-rows", w.wait("a", at=50))],
    "a letter of a wait that was written since": lambda w: [w.wait("a"), w.dead_letter("waits-rows", w.wait("a"))],
    "a batch that no view can read": lambda w: [w.dead_letter("fetch-batches", f"{w.url('x')}\n{w.url('y')}")],
    "a correction": lambda w: [w.fingerprint("a"), w.dead_letter("dedup-corrections", w.override("a", "split"))],
    "a correction that was decided": lambda w: [
        w.fingerprint("a"),
        w.dead_letter("dedup-corrections", w.override("a", "split")),
        w.match("a", at=95, event_id="o-a-60"),
    ],
    "a correction of what is yet to come": lambda w: [w.dead_letter("dedup-corrections", w.override("a", "split"))],
    "a tick": lambda w: [w.dead_letter("import-ads", "{}"), w.dead_letter("extract-resume", '{"tick": "resume"}')],
    "a letter of a subscription that is no more": lambda w: [
        w.sighting("x", "a"),
        w.dead_letter("old-rows", w.image("a")),
    ],
}

SENT = {
    "an address that was not found": ["ads"],
    "a file that was gone from where it was fetched to": ["ads"],
    "an uploaded image that was gone at hash": ["images"],
    "a video at probe": ["videos"],
    "an answer that did not fit, of a creative with a copy": ["extractions"],
    "a letter of hash": ["images"],
    "a letter that was given up twice": ["fingerprints"],
    "a letter of features": ["features"],
    "a letter of a wait": ["waits"],
    "a batch that no view can read": ["url-batches"],
    "a correction": ["overrides"],
}
LEFT = {
    "a broken image": replay.NOT_NAMED,
    "no record of what failed": replay.NO_RECORD,
    "an item that is no ad": replay.NOT_NAMED,
    "a raw ad without a URL": replay.NOT_NAMED,
    "a letter of a subscription that is no more": "pipeline.yaml has no subscription old-rows any longer",
}


@pytest.fixture(scope="module")
def asked(module_dataset: Dataset) -> Tables:
    """The tables, filled with all cases."""
    return fill(module_dataset, rows_of(CASES))


def planned(tables: Tables, choice: Choice = ALL, *, named: bool = False, objects: Any = None) -> Plan:
    chosen = [*failures.read(tables, choice), *failures.lost(tables, choice)]
    return Replayer(tables, objects, wiring.load(), NOW).plan(chosen, named=named)


@pytest.fixture(scope="module")
def plan(asked: Tables) -> Plan:
    return planned(asked)


def case_of(failed: Failed) -> str:
    """The case whose world a failure is of."""
    number = (failed.ad_id or "").rpartition("@")[2] or (failed.message_id or "").partition("-")[0]
    return list(CASES)[int(number) if number else int((failed.creative_id or "")[32:], 16)]


def messages_of(plan: Plan, case: str) -> list[Message]:
    return [message for message in plan.messages if case_of(message.failed) == case]


@pytest.mark.parametrize("case", CASES)
def test_what_failed_goes_back_into_its_stage_once(plan: Plan, case: str) -> None:
    assert [message.topic for message in messages_of(plan, case)] == SENT.get(case, [])


def test_what_is_not_sent_says_why(plan: Plan) -> None:
    nameless = [left for left in plan.left if left.failed.ad_id is left.failed.message_id is None]
    others = [left for left in plan.left if left not in nameless]

    assert {case_of(left.failed): left.why for left in others} | {"an item that is no ad": nameless[0].why} == LEFT
    assert len(nameless) == 1


def text_of(row: Row) -> str:
    """The message of an event, or the one in a dead letter."""
    return str(row[1]["data"]) if isinstance(row, tuple) else row.model_dump_json(exclude_none=True)


@pytest.mark.parametrize(
    ("case", "model"),
    [
        ("an address that was not found", Ad),
        ("an uploaded image that was gone at hash", ImageObject),
        ("a video at probe", VideoObject),
        ("a letter of hash", ImageObject),
        ("a letter that was given up twice", Fingerprint),
    ],
)
def test_the_very_event_is_sent_again(plan: Plan, case: str, model: type[Any]) -> None:
    rows = CASES[case](World(list(CASES).index(case)))
    [expected] = {text_of(row) for row in rows if isinstance(row, (model, tuple))}

    [message] = messages_of(plan, case)

    sent = model.model_validate_json(message.data)
    assert sent == model.model_validate_json(expected)
    assert message.attributes["replayed_at"] == NOW.isoformat()


def test_an_extraction_is_asked_anew_and_only_once_however_often_it_is_replayed(asked: Tables, plan: Plan) -> None:
    case = "an answer that did not fit, of a creative with a copy"

    [first], [second] = (messages_of(each, case) for each in (plan, planned(asked)))

    sent = Extraction.model_validate_json(first.data)
    assert (sent.requested_by, sent.occurred_at) == ("reextract", NOW)
    assert sent.event_id not in ("e-a", "e-extract")
    assert Extraction.model_validate_json(second.data).event_id == sent.event_id


def test_a_letter_goes_without_what_pubsub_added(plan: Plan) -> None:
    [message] = messages_of(plan, "a batch that no view can read")

    number = list(CASES).index("a batch that no view can read")
    assert message.attributes == {"event_id": f"{number}-fetch-batches-90", "replayed_at": NOW.isoformat()}
    assert message.data.decode().splitlines() == [World(number).url("x"), World(number).url("y")]


def test_what_lasts_is_sent_when_it_is_named(asked: Tables) -> None:
    named = planned(asked, Choice(reasons=[Reason.BROKEN_IMAGE, Reason.MALFORMED_AD]), named=True)

    assert [message.topic for message in named.messages] == ["images"]
    assert {left.why for left in named.left} == {replay.NOT_IMPORTED, replay.NO_RECORD}


@pytest.mark.parametrize(
    ("choice", "case"),
    [
        (Choice(reasons=["not_found"], stages=["fetch"]), "an address that was not found"),
        (Choice(ids=["x@3"]), "an uploaded image that was gone at hash"),
        (Choice(ids=["10-hash-90"], since=moment(90), until=moment(91)), "a letter of hash"),
        (Choice(since=moment(95)), "a letter that was given up twice"),
    ],
)
def test_failures_can_be_chosen(asked: Tables, choice: Choice, case: str) -> None:
    assert [case_of(failed) for failed in failures.read(asked, choice)] == [case]


def test_lost_messages_can_be_chosen(asked: Tables) -> None:
    chosen = failures.lost(asked, Choice(stages=["waits-rows"], ids=["14-waits-rows-90"], until=moment(91)))

    assert [case_of(failed) for failed in chosen] == ["a letter of a wait"]


@pytest.mark.long
def test_an_upload_that_intake_failed_at_is_noticed_again(tables: Tables, dataset: Dataset, buckets: Buckets) -> None:
    w = World()
    names = ["gone\nfor good.png", "a b\u202e.png"]
    there = buckets.upload(names[1], b"content", ad_id="ad 7")
    uris = [f"gs://{buckets.creatives.name}/{name}" for name in names]
    fill(
        dataset,
        [w.failed_creative("a", "intake", Reason.OBJECT_GONE, ad_id=uri, source=uri, uri=uri) for uri in uris[:1]]
        + [w.failed_creative("b", "intake", Reason.OBJECT_GONE, ad_id="ad 7", source=uris[1], uri=uris[1])],
    )

    found = planned(tables, objects=buckets.creatives.client)

    [message] = found.messages
    upload = notification.parse(stage.Message(message.data, message.attributes, "m1"))
    assert (upload.uri, upload.ad_id, upload.generation, upload.size) == (uris[1], "ad 7", there.generation, 7)
    assert (message.topic, message.attributes["eventType"]) == ("uploads", "OBJECT_FINALIZE")
    assert [(left.failed.uri, left.why) for left in found.left] == [(uris[0], replay.OBJECT_IS_GONE)]


@pytest.mark.server
def test_messages_are_published_as_planned(tmp_path_factory: pytest.TempPathFactory) -> None:
    failed = Failed(stage="hash", reason="gave_up", detail="d", failed_at=NOW)
    messages = [Message("images", b"\xff\x00", {"event": "ImageObject"}, failed)]
    ticks: list[None] = []

    with running(tmp_path_factory.mktemp("pubsub")) as pubsub:
        pubsub.create_topic("projects/tests/topics/images")
        pubsub.create(topic="projects/tests/topics/images")
        count = replay.publish(pubsub.publisher, "tests", messages, lambda: ticks.append(None))
        [received] = pubsub.pull()

    assert (count, len(ticks)) == (1, 1)
    assert received.message.data == b"\xff\x00"
    assert dict(received.message.attributes)["event"] == "ImageObject"


def test_every_table_of_events_is_looked_at_for_rows_that_it_lacks() -> None:
    question = (ROOT / "creatives" / "operations" / "lost.sql").read_text()

    rows = {name: each.table for name, each in wiring.load().bigquery_subscriptions.items() if not each.raw}

    assert dict(re.findall(r"SELECT '(\S+-rows)'.* FROM (\w+)", question)) == rows
