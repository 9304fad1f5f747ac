"""pipeline.yaml applied by the real clients, to ours and to Google's emulator, once and again."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from google.pubsub_v1.types import pubsub as types
from werkzeug.test import Client

from local.processes import ServerError
from local.pubsub import bridge, topology
from shared import wiring
from shared.wiring import Pipeline
from tests.local.pubsub.servers import PubSub, receiving, wait_for

pytestmark = pytest.mark.server

PREFIX = "projects/tests/subscriptions"


@pytest.fixture
def reached(either: PubSub, monkeypatch: pytest.MonkeyPatch) -> PubSub:
    """A server that the clients of `wire` reach."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{either.port}")
    return either


def wire(wired: Pipeline, functions: str = "http://127.0.0.1:1/") -> None:
    # Both servers push the rows: Google's emulator has no BigQuery subscriptions.
    topology.wire(
        wired,
        project="tests",
        dataset="creatives",
        endpoint_of=lambda name: f"{functions}{name}",
        rows_endpoint=lambda name: f"{functions}rows/{name}",
    )


def test_the_pipeline_has_all_its_topics_and_subscriptions(reached: PubSub) -> None:
    wired = wiring.load()

    wire(wired)

    topics = {topic.name.rsplit("/", 1)[-1] for topic in reached.publisher.list_topics(project="projects/tests")}
    found = {each.name: each for each in reached.subscriber.list_subscriptions(project="projects/tests")}
    assert topics == set(wired.topics)
    assert set(found) == {f"{PREFIX}/{name}" for name in (*wired.push_subscriptions, *wired.bigquery_subscriptions)}
    hashing = found[f"{PREFIX}/hash"]
    assert hashing.push_config.push_endpoint == "http://127.0.0.1:1/hash"
    assert hashing.ack_deadline_seconds == wired.push_subscriptions["hash"].ack_deadline_s
    assert hashing.retry_policy.minimum_backoff.total_seconds() == wired.push_subscriptions["hash"].min_backoff_s
    assert hashing.dead_letter_policy.dead_letter_topic == "projects/tests/topics/dead-letters"
    assert hashing.dead_letter_policy.max_delivery_attempts == wired.push_subscriptions["hash"].max_attempts


def test_applied_again_it_delivers_to_the_new_place_what_waited_for_the_old(reached: PubSub) -> None:
    wired = wiring.load()
    wire(with_quick_retries(wired))
    topic = "projects/tests/topics/images"
    reached.publisher.publish(topic, b"waiting").result(30)

    with receiving() as functions:
        wire(with_quick_retries(wired), functions.url)

        wait_for(lambda: b"waiting" in functions.data())


def test_a_changed_filter_is_refused_since_it_would_lose_what_waits(reached: PubSub) -> None:
    wired = wiring.load()
    wire(wired)
    intake = wired.push_subscriptions["intake"].model_copy(update={"filter": "attributes:other"})
    changed = wired.model_copy(update={"push_subscriptions": {**wired.push_subscriptions, "intake": intake}})

    with pytest.raises(ServerError, match="intake exists with filter"):
        wire(changed)


def with_quick_retries(wired: Pipeline) -> Pipeline:
    quick = {
        name: each.model_copy(update={"min_backoff_s": 0.1, "max_backoff_s": 0.1})
        for name, each in wired.push_subscriptions.items()
    }
    return wired.model_copy(update={"push_subscriptions": quick})


def test_rows_go_to_tables_by_themselves_on_our_server() -> None:
    made = topology.subscriptions(wiring.load(), "p", "d", lambda name: f"http://127.0.0.1:1/{name}", None)

    by_name = {each.name.rsplit("/", 1)[-1]: each for each in made}
    assert by_name["ads-rows"].bigquery_config == types.BigQueryConfig(table="p.d.ads", use_table_schema=True)
    assert by_name["dead-letters-rows"].bigquery_config == types.BigQueryConfig(
        table="p.d.dead_letters", write_metadata=True
    )
    assert by_name["hash"].labels == {"window": str(wiring.load().functions["hash"].concurrency)}


# the bridge


@pytest.fixture
def bridge_client(
    bigquery_client: bigquery.Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Client, bigquery.Client, str]]:
    dataset = f"bridge_{uuid.uuid4().hex}"
    bigquery_client.create_dataset(dataset)
    overrides = bigquery.Table(f"test.{dataset}.overrides", schema=[SchemaField("creative_id", "STRING", "REQUIRED")])
    bigquery_client.create_table(overrides)
    for name in ("CREATIVES", "RESULTS", "STAGING"):
        monkeypatch.setenv(f"{name}_BUCKET", "bucket")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    monkeypatch.setenv("DATASET", dataset)
    yield Client(bridge.application()), bigquery_client, dataset
    bigquery_client.delete_dataset(dataset, delete_contents=True)


def push_body(data: str) -> dict[str, Any]:
    message = {"data": data, "messageId": "7", "publishTime": "2026-11-23T04:00:00Z"}
    return {"message": message, "subscription": f"{PREFIX}/overrides-rows"}


def test_the_bridge_writes_what_fits_and_refuses_what_does_not(
    bridge_client: tuple[Client, bigquery.Client, str],
) -> None:
    client, tables, dataset = bridge_client

    written = client.post("/overrides-rows", json=push_body("eyJjcmVhdGl2ZV9pZCI6ICJhIn0="))  # {"creative_id": "a"}
    refused = client.post("/overrides-rows", json=push_body("e30="))  # {}

    rows = [row["creative_id"] for row in tables.query_and_wait(f"SELECT * FROM `test.{dataset}.overrides`")]
    assert (written.status_code, refused.status_code) == (204, 422)
    assert rows == ["a"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"{}", b'{"message": 1}', json.dumps(push_body("not base64!")).encode()],
)
def test_the_bridge_refuses_what_is_no_push_request(
    bridge_client: tuple[Client, bigquery.Client, str], body: bytes
) -> None:
    assert bridge_client[0].post("/overrides-rows", data=body).status_code == 400


def test_the_bridge_knows_only_the_pipelines_subscriptions(bridge_client: tuple[Client, bigquery.Client, str]) -> None:
    assert bridge_client[0].post("/nothing", json=push_body("e30=")).status_code == 404


def test_the_bridge_lets_rows_wait_for_their_table(
    bridge_client: tuple[Client, bigquery.Client, str],
) -> None:
    assert bridge_client[0].post("/ads-rows", json=push_body("e30=")).status_code == 503
