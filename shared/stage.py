"""What every function does around its step: read the event, run the step, publish what it returns, log one line.

Only this file decides between acknowledged and delivered again:

- the step returns: its events are published, the message is acknowledged;
- the step raises `Rejected`: one `Failure` is published instead, the message is acknowledged;
- anything else that is raised leaves the function, which answers 500: Pub/Sub delivers again with backoff and, past
  the last attempt, to the dead-letter topic.
"""

import base64
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

import flask
from pydantic import ValidationError

from shared import clients, log
from shared.events import Event, Failure
from shared.reasons import Reason, Rejected
from shared.urls import is_url, redacted

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

EVENTS_AT_A_TIME = 1000
"""Events that are published before the step is asked for more."""

_SUBJECT_FIELDS = ("ad_id", "source", "batch_id", "creative_id", "uri")


@dataclass(frozen=True)
class Message:
    """A Pub/Sub message as it reached the function, whichever way it was wrapped.

    Attributes:
        data: its bytes.
        attributes: its attributes.
        message_id: given by Pub/Sub, the same at every delivery.
    """

    data: bytes
    attributes: Mapping[str, str]
    message_id: str


def message_of(cloud_event: "CloudEvent") -> Message:
    """The message in a CloudEvent: from a push request (converted by functions-framework) or from Eventarc.

    Raises:
        Rejected: when the event holds no message.
    """
    body = cloud_event.get_data()
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict):
        raise Rejected(Reason.MALFORMED_MESSAGE, "the event has no Pub/Sub message in it")
    try:
        data = base64.b64decode(message.get("data") or "", validate=True)
    except (ValueError, TypeError) as error:
        raise Rejected(Reason.MALFORMED_MESSAGE, f"the message's data is not base64: {error}") from error
    attributes = message.get("attributes") or {}
    message_id = message.get("messageId") or message.get("message_id") or cloud_event["id"]
    return Message(data, {str(k): str(v) for k, v in attributes.items()}, str(message_id))


def tick(message: Message) -> Message:
    """A parser of a schedule's messages: any is a tick."""
    return message


def parse_event[E: Event](model: type[E]) -> Callable[[Message], E]:
    """A parser of messages that hold one event of `model` as JSON; it raises `Rejected` for any other."""

    def parse(message: Message) -> E:
        try:
            return model.model_validate_json(message.data)
        except ValidationError as error:
            raise Rejected(Reason.MALFORMED_MESSAGE, f"not a valid {model.__name__}: {explain(error)}") from error

    return parse


def explain(error: ValidationError) -> str:
    """A validation error in one line, without the values that were refused."""
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'message'}: {fault['msg']}" for fault in error.errors())


def handle[T](
    cloud_event: "CloudEvent",
    *,
    stage: str,
    project: str,
    parse: Callable[[Message], T],
    step: Callable[[T], Iterable[Event]],
) -> None:
    """Runs one stage on one event; see the top of this file for what becomes of it."""
    with log.about(**_trace(project)):
        started = time.monotonic()
        message = Message(b"", {}, str(cloud_event["id"]))
        subject: dict[str, Any] = {}
        try:
            message = message_of(cloud_event)
            subject = _salvage(message)
            parsed = parse(message)
            if isinstance(parsed, Event):
                subject = _subject(parsed)
            with log.about(stage=stage, event_id=subject["event_id"]):
                published = _publish(project, step(parsed))
            outcome: dict[str, Any] = {"outcome": "done"}
        except Rejected as rejection:
            published = _publish(project, [failure(stage, rejection, subject)])
            outcome = {"outcome": "rejected", "reason": rejection.reason, "detail": rejection.detail}
        except Exception:
            log.error("failed, to be delivered again", stage=stage, **_loggable(subject), message_id=message.message_id)
            raise
        subject.setdefault("event_id", message.message_id)
        log.info(
            "handled",
            stage=stage,
            **_loggable(subject),
            **outcome,
            published=published,
            seconds=round(time.monotonic() - started, 3),
        )


def _trace(project: str) -> dict[str, str]:
    """The request's trace as Cloud Run names it, in the field by which Cloud Logging joins a request's lines.

    See https://cloud.google.com/run/docs/logging#correlate-logs.
    """
    if not flask.has_request_context():
        return {}
    headers = flask.request.headers
    named = headers.get("X-Cloud-Trace-Context") or headers.get("traceparent") or ""
    trace = re.search(r"\b[0-9a-f]{32}\b", named)
    return {"logging.googleapis.com/trace": f"projects/{project}/traces/{trace[0]}"} if trace else {}


def _publish(project: str, events: Iterable[Event]) -> Counter[str]:
    """Publishes what a step yields, a bounded number at a time, and counts it by topic.

    So a batch of hundreds of thousands of ads is never in memory as events; and a step that yields less than that
    number and then raises has published nothing.
    """
    published: Counter[str] = Counter()
    for some in batched(events, EVENTS_AT_A_TIME, strict=False):
        clients.publish(project, some)
        published.update(event.TOPIC for event in some)
    return published


def failure(stage: str, rejection: Rejected, subject: Mapping[str, Any]) -> Failure:
    """The `Failure` of a rejection, about `subject` (whichever of the ids of a failure are known)."""
    known = {name: value for name, value in subject.items() if name in (*_SUBJECT_FIELDS, "event_id")}
    known.setdefault("event_id", "unknown")
    return Failure(
        stage=stage, reason=rejection.reason, detail=rejection.detail[:2000], answer_uri=rejection.answer_uri, **known
    )


def _subject(event: Event) -> dict[str, Any]:
    fields = ("event_id", *_SUBJECT_FIELDS)
    return {name: value for name in fields if (value := getattr(event, name, None)) is not None}


def _loggable(subject: Mapping[str, Any]) -> dict[str, Any]:
    """The ids without the secrets that a URL may hold; an ad without a name of its own is named by its URL."""
    urls = [
        name for name in ("ad_id", "source") if is_url(subject.get(name)) or subject.get(name) == subject.get("source")
    ]
    return {**subject, **{name: redacted(subject[name]) for name in urls if name in subject}}


def _salvage(message: Message) -> dict[str, Any]:
    """What a message that may not validate says it is about, so that its failure can be tied to an ad."""
    subject: dict[str, Any] = {"event_id": message.attributes.get("event_id") or message.message_id}
    try:
        body = json.loads(message.data)
    except (ValueError, RecursionError):
        return subject
    if isinstance(body, dict):
        subject |= {name: body[name] for name in ("ad_id", "source", "batch_id") if _is_text(body.get(name))}
    return subject


def _is_text(value: object) -> bool:
    """Whether it is text that can be sent on: JSON may hold half a character, which UTF-8 cannot write."""
    return isinstance(value, str) and value != "" and not any("\ud800" <= character <= "\udfff" for character in value)
