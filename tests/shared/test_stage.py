"""What becomes of a message: acknowledged with its events, acknowledged with a failure, or delivered again."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import CloudEvent
from flask import Flask
from functions_framework import create_app
from hypothesis import given
from hypothesis import strategies as st

from shared import clients, stage
from shared.events import Ad, Event, Failure, ImageObject, Origin, VideoObject
from shared.reasons import Reason, Rejected

EVENTS = Path(__file__).parent.parent / "events"
IMAGE = {"event_id": "7", "creative_id": "1" * 40, "uri": "gs://b/o", "content_type": "image/png", "bytes": 3}

TARGET = '''
"""A stage of the tests: publishes its event again as a video, rejects what is empty, breaks on what is named so."""
import functions_framework
from shared import stage
from shared.events import ImageObject, VideoObject
from shared.reasons import Reason, Rejected

def step(image):
    if image.uri.endswith("rejected"):
        raise Rejected(Reason.BROKEN_IMAGE, "it is torn")
    if image.uri.endswith("breaks"):
        raise ConnectionError("the bucket hung up")
    return [VideoObject(**image.model_dump())]

@functions_framework.cloud_event
def function_of_the_tests(cloud_event):
    stage.handle(cloud_event, stage="tests", project="p", parse=stage.parse_event(ImageObject), step=step)
'''


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What the stage published."""
    events: list[Event] = []

    def publish(_: str, more: Iterable[Event]) -> int:
        events.extend(more)
        return len(events)

    monkeypatch.setattr(clients, "publish", publish)
    return events


@pytest.fixture
def function(tmp_path: Path) -> Flask:
    """The function behind the real functions-framework."""
    source = tmp_path / "main.py"
    source.write_text(TARGET)
    app: Flask = create_app(target="function_of_the_tests", source=str(source), signature_type="cloudevent")
    return app


def push(data: bytes, **attributes: str) -> dict[str, Any]:
    message = {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": "42"}
    return {"message": message, "subscription": "projects/p/subscriptions/s"}


def image(**changes: object) -> bytes:
    return json.dumps({**IMAGE, **changes}).encode()


def test_a_push_request_reaches_the_step_and_its_events_are_published(function: Flask, published: list[Event]) -> None:
    body = json.loads((EVENTS / "push_image_object.json").read_text())

    response = function.test_client().post("/", json=body)

    assert response.status_code == 200
    assert [type(event) for event in published] == [VideoObject]
    assert published[0].event_id == "9512837465123"


def test_an_eventarc_event_reaches_the_step_too(function: Flask, published: list[Event]) -> None:
    headers = {
        "ce-id": "42",
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/images",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    }

    response = function.test_client().post("/", json=push(image()), headers=headers)

    assert response.status_code == 200
    assert [type(event) for event in published] == [VideoObject]


def test_a_rejection_is_a_failure_about_its_subject_and_acknowledged(function: Flask, published: list[Event]) -> None:
    response = function.test_client().post("/", json=push(image(uri="gs://b/rejected")))

    (failure,) = published
    assert response.status_code == 200
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == (Reason.BROKEN_IMAGE, "it is torn")
    assert (failure.creative_id, failure.uri, failure.event_id) == ("1" * 40, "gs://b/rejected", "7")


def test_any_other_exception_is_delivered_again_and_publishes_nothing(function: Flask, published: list[Event]) -> None:
    response = function.test_client().post("/", json=push(image(uri="gs://b/breaks")))

    assert response.status_code == 500
    assert published == []


def test_what_could_not_be_published_is_delivered_again(function: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str, __: Iterable[Event]) -> int:
        raise TimeoutError("Pub/Sub did not answer")

    monkeypatch.setattr(clients, "publish", refuse)

    response = function.test_client().post("/", json=push(image()))

    assert response.status_code == 500


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Invalid JSON"),
        (b"{", "Invalid JSON"),
        (b"[]", "object"),
        (b'{"ad_id": "a1", "bytes": 1}', "creative_id"),
        (image(bytes=0), "bytes"),
        (image(schema_version=9), "schema_version"),
        (b"\xff\xfe\x00", "Invalid JSON"),
    ],
)
def test_a_message_that_does_not_validate_is_a_failure_and_acknowledged(
    function: Flask, published: list[Event], data: bytes, said: str
) -> None:
    response = function.test_client().post("/", json=push(data))

    (failure,) = published
    assert response.status_code == 200
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.MALFORMED_MESSAGE
    assert said in failure.detail


def test_a_failure_of_an_unreadable_event_names_the_ad_it_can_tell(function: Flask, published: list[Event]) -> None:
    function.test_client().post("/", json=push(b'{"ad_id": "a1", "source": "https://x.test/1.png"}'))

    (failure,) = published
    assert isinstance(failure, Failure)
    assert (failure.ad_id, failure.source) == ("a1", "https://x.test/1.png")


def test_nested_beyond_reason_is_a_failure_too(function: Flask, published: list[Event]) -> None:
    response = function.test_client().post("/", json=push(b"[" * 200_000))

    (failure,) = published
    assert response.status_code == 200
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.MALFORMED_MESSAGE


def test_logs_show_no_signature_of_a_url(capsys: pytest.CaptureFixture[str], published: list[Event]) -> None:
    url = "https://user:hunter2@cdn.test/a.png?width=300&X-Goog-Signature=0123456789abcdef"
    ad = Ad(event_id="7", ad_id=url, source=url, batch_id="b", origin=Origin.BATCH)
    event = CloudEvent({"type": "t", "source": "s", "id": "1"}, push(ad.model_dump_json().encode()))

    stage.handle(event, stage="tests", project="p", parse=stage.parse_event(Ad), step=lambda _: [])

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["source"] == "https://cdn.test/a.png?width=300&X-Goog-Signature=…"
    assert "hunter2" not in line
    assert "0123456789abcdef" not in line


TRACE = "105445aa7843bc8bf206b12000100000"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"},
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    ],
    ids=["Google's header", "the standard one"],
)
def test_every_line_of_a_request_names_its_trace(
    function: Flask, published: list[Event], headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    function.test_client().post("/", json=push(image()), headers=headers)

    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "handled" in line]
    assert line["logging.googleapis.com/trace"].endswith(f"/traces/{TRACE}")
    assert line["logging.googleapis.com/trace"].startswith("projects/")


def test_a_request_without_a_trace_names_none(
    function: Flask, published: list[Event], capsys: pytest.CaptureFixture[str]
) -> None:
    function.test_client().post("/", json=push(image()))

    assert "logging.googleapis.com/trace" not in capsys.readouterr().out


def test_many_events_are_published_a_bounded_number_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    ads = (Ad(event_id=str(n), ad_id=str(n), source="u", batch_id="b", origin=Origin.BATCH) for n in range(2500))
    monkeypatch.setattr(clients, "publish", lambda _, events: sizes.append(len(events)))
    event = CloudEvent({"type": "t", "source": "s", "id": "1"}, push(image()))

    stage.handle(event, stage="tests", project="p", parse=stage.parse_event(ImageObject), step=lambda _: ads)

    assert sizes == [1000, 1000, 500]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_event_are_rejected_whatever_they_are(data: bytes) -> None:
    parse = stage.parse_event(ImageObject)

    with pytest.raises(Rejected) as caught:
        parse(stage.Message(data, {}, "1"))

    assert caught.value.reason is Reason.MALFORMED_MESSAGE


@pytest.mark.parametrize("body", [None, b"", "text", {}, {"message": None}, {"message": {"data": "%%%"}}])
def test_an_event_without_a_readable_message_is_rejected(body: object) -> None:
    attributes = {"type": "google.cloud.pubsub.topic.v1.messagePublished", "source": "//x", "id": "1"}

    with pytest.raises(Rejected) as caught:
        stage.message_of(CloudEvent(attributes, body))

    assert caught.value.reason is Reason.MALFORMED_MESSAGE
