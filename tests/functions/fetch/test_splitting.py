"""Batches: each item is accounted for, none touches its neighbours, and splitting again changes nothing."""

import base64
import json
from collections.abc import Iterable
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from functions.fetch import main
from functions.fetch.settings import settings
from functions.fetch.splitting import split
from shared import clients
from shared.events import Ad, Event, Failure, Origin
from shared.reasons import Reason
from shared.stage import Message
from tests.gcs import Buckets

REFUSED = Ad(event_id="1", ad_id="a", source="ftp://x", batch_id="b", origin=Origin.BATCH).model_dump_json().encode()


def events_of(body: object, **attributes: str) -> list[Event]:
    return list(split(Message(json.dumps(body).encode(), attributes, "m1")))


def test_a_batch_becomes_an_ad_an_item() -> None:
    body = {
        "batch_id": "spring",
        "items": [{"ad_id": "a1", "url": "https://x.test/1.png", "market": "FR", "spend": 12.5}],
    }

    [ad] = events_of(body)

    assert isinstance(ad, Ad)
    assert (ad.event_id, ad.ad_id, ad.source, ad.batch_id) == ("m1-0", "a1", "https://x.test/1.png", "spring")
    assert (ad.origin, json.loads(ad.extra or "")) == (Origin.BATCH, {"market": "FR", "spend": 12.5})


def test_an_unusable_item_is_a_failure_beside_its_untouched_neighbours() -> None:
    items: list[object] = [
        {"ad_id": "a1", "url": "https://x.test/1.png"},
        {"ad_id": "a2"},
        {"url": "https://x.test/3.png"},
        None,
        {"ad_id": "a5", "url": "https://x.test/5.png"},
    ]

    events = events_of({"items": items})

    failures = [event for event in events if isinstance(event, Failure)]
    assert [event.ad_id for event in events if isinstance(event, Ad)] == ["a1", "a5"]
    assert [(f.event_id, f.ad_id, f.source, f.batch_id) for f in failures] == [
        ("m1-1", "a2", None, "m1"),
        ("m1-2", None, "https://x.test/3.png", "m1"),
        ("m1-3", None, None, "m1"),
    ]
    assert {f.reason for f in failures} == {Reason.MALFORMED_AD}


def test_what_the_import_publishes_keeps_its_origin() -> None:
    [by_field] = events_of({"origin": "raw_ads", "items": ["https://x.test/1.png"]})
    [by_attribute] = events_of(["https://x.test/1.png"], origin="raw_ads", batch_id="import-7")
    [claimed] = events_of({"origin": "upload", "items": ["https://x.test/1.png"]})

    assert isinstance(by_field, Ad)
    assert isinstance(by_attribute, Ad)
    assert isinstance(claimed, Ad)
    assert [by_field.origin, by_attribute.origin, claimed.origin] == [Origin.RAW_ADS, Origin.RAW_ADS, Origin.BATCH]
    assert by_attribute.batch_id == "import-7"


def test_splitting_a_message_again_gives_the_same_events() -> None:
    body = {"items": [{"ad_id": str(n), "url": f"https://x.test/{n}.png"} for n in range(50)] + [{}]}

    first, second = events_of(body), events_of(body)

    assert [e.model_dump(exclude={"occurred_at"}) for e in first] == [
        e.model_dump(exclude={"occurred_at"}) for e in second
    ]


def test_a_replayed_batch_goes_on_with_its_chain() -> None:
    [ad, failure] = list(split(Message(b'["https://x.test/1.png", {}]', {"event_id": "letter-1"}, "m2")))

    assert isinstance(ad, Ad)
    assert (ad.event_id, failure.event_id, ad.batch_id) == ("letter-1-0", "letter-1-1", "letter-1")


@pytest.mark.parametrize(
    ("data", "attributes", "published"),
    [
        (b'["https://x.test/1.png", "https://x.test/2.png"]', {}, ["ads", "ads"]),
        (b"\xff\xfe", {}, ["failures"]),
        (b'{"event_id": "1"}', {"event": "Ad"}, ["failures"]),
        (REFUSED, {"event": "Ad", "replayed_at": "at noon"}, ["failures"]),
        (REFUSED, {"event": "Ad", "replayed_at": "2026-11-23T12:00:00Z"}, ["failures"]),
        (REFUSED, {"event": "Ad"}, ["failures"]),
    ],
)
def test_the_entry_point_tells_batches_from_its_own_ads(
    data: bytes, attributes: dict[str, str], published: list[str], buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics: list[str] = []

    def publish(_: str, events: Iterable[Event]) -> None:
        topics.extend(event.TOPIC for event in events)

    monkeypatch.setattr(clients, "publish", publish)
    settings.cache_clear()
    message: dict[str, Any] = {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": "m1"}

    main.fetch(CloudEvent({"type": "t", "source": "s", "id": "1"}, {"message": message}))

    settings.cache_clear()
    assert topics == published
