"""The function itself: a tick comes in, batches go out, nothing else is published."""

import base64
from collections.abc import Iterator

import pytest
from cloudevents.http import CloudEvent
from google.cloud import storage

from creatives.imports.commands import ASKED
from functions.import_ads import main, rawads
from functions.import_ads.settings import settings
from shared import batches
from tests.bigquery import PROJECT, Dataset


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, dataset: Dataset, bucket: storage.Bucket) -> Iterator[list[bytes]]:
    """The batches that the function publishes; its settings name the test's dataset and bucket."""
    names = {"GOOGLE_CLOUD_PROJECT": PROJECT, "DATASET": dataset.name, "RESULTS_BUCKET": bucket.name}
    for name, value in {**names, "CREATIVES_BUCKET": "none", "STAGING_BUCKET": "none"}.items():
        monkeypatch.setenv(name, value)
    messages: list[bytes] = []
    monkeypatch.setattr(main, "publish", messages.append)
    settings.cache_clear()
    yield messages
    settings.cache_clear()


def tick(data: bytes = b"{}") -> CloudEvent:
    message = {"data": base64.b64encode(data).decode(), "messageId": "1", "attributes": {}}
    return CloudEvent({"type": "google.cloud.pubsub.topic.v1.messagePublished", "source": "//x"}, {"message": message})


def test_a_tick_publishes_what_is_new(dataset: Dataset, published: list[bytes]) -> None:
    dataset.load("raw_ads", [{"ad_id": "a", "url": "https://x.example/a"}])

    main.import_ads(tick())
    main.import_ads(tick())

    (message,) = published
    assert list(batches.parse(message, {}).items()) == [
        batches.Item(index=0, ad_id="a", url="https://x.example/a", extra=None)
    ]


def test_a_tick_during_an_import_is_acknowledged(
    dataset: Dataset, published: list[bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset.load("raw_ads", [{"ad_id": "a", "url": "https://x.example/a"}])
    monkeypatch.setattr(main, "publish", lambda _batch: main.import_ads(tick()))

    main.import_ads(tick())

    assert "another import is under way" in capsys.readouterr().out
    assert published == []


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (ASKED, True),
        (b"{}", False),
        (b"now", False),
        (b'[{"now": true}]', False),
        (b'{"now": "no"}', False),
        (b"", False),
    ],
)
def test_whoever_asks_for_an_import_gets_it_whatever_was_spent(
    dataset: Dataset, published: list[bytes], monkeypatch: pytest.MonkeyPatch, data: bytes, read: bool
) -> None:
    monkeypatch.setattr(rawads, "usd_of", lambda *_: 1.0)
    main.import_ads(tick())
    dataset.load("raw_ads", [{"ad_id": "a", "url": "https://x.example/a"}])

    main.import_ads(tick(data))

    assert len(published) == read
