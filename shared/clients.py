"""The Google Cloud clients of an instance: made once, when first asked for.

The clients themselves honour STORAGE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST and BIGQUERY_EMULATOR_HOST. Their packages
are imported inside, so that a function ships only those it uses.
"""

import logging
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from shared.events import Event
from shared.settings import cloud_name, deployment, emulator_host

if TYPE_CHECKING:
    from google.cloud import bigquery, pubsub_v1, storage

STORAGE_CONNECTIONS = 64
"""Twice the highest concurrency of a function that stores (infra/pipeline.yaml). The client's own default is 10: beyond
that it opens, encrypts and throws away a connection for each request."""


@cache
def storage_client(project: str) -> "storage.Client":
    """The Cloud Storage client, with a connection kept for each of the instance's threads."""
    from google.cloud import storage
    from requests.adapters import HTTPAdapter

    client = storage.Client(project=project)
    for scheme in ("http://", "https://"):
        client._http.mount(scheme, HTTPAdapter(pool_maxsize=STORAGE_CONNECTIONS))
    # What it remembers of buckets, for traces: after each object that is not there it asks whether the bucket is.
    client._bucket_metadata_cache = None  # type: ignore[assignment]
    return client


@cache
def bigquery_client(project: str) -> "bigquery.Client":
    """The BigQuery client. Unlike the other two it asks for credentials even when an emulator is set."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    credentials = AnonymousCredentials() if emulator_host("BIGQUERY") else None
    return bigquery.Client(project=project, credentials=credentials)


@cache
def publisher_client() -> "pubsub_v1.PublisherClient":
    """The Pub/Sub publisher. Its messages leave after 10 ms at the latest: a stage waits for them."""
    from google.cloud import pubsub_v1

    return pubsub_v1.PublisherClient(batch_settings=pubsub_v1.types.BatchSettings(max_latency=0.01))


def topic_path(project: str, topic: str, of_deployment: str | None = None) -> str:
    """The full name of a topic of pipeline.yaml: in this process's own deployment, unless another is named."""
    return f"projects/{project}/topics/{cloud_name(topic, deployment() if of_deployment is None else of_deployment)}"


def publish(project: str, events: Iterable[Event], publisher: "pubsub_v1.PublisherClient | None" = None) -> int:
    """Publishes each event to its topic, waits until all are accepted, and says how many there were.

    Attributes of a message: `event` (the model's name) and `event_id`.

    Raises:
        Exception: the client's, when a message was not accepted; the caller's own message is then delivered again.
    """
    client = publisher or publisher_client()
    futures = [
        client.publish(
            topic_path(project, event.TOPIC),
            event.model_dump_json(exclude_none=True).encode(),
            event=type(event).__name__,
            event_id=event.event_id,
        )
        for event in events
    ]
    for future in futures:
        future.result(timeout=60)
    logging.getLogger(__name__).debug("published %d", len(futures))
    return len(futures)
