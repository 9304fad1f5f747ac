"""After a stop: uploads that no function was told of are told of now.

Cloud Storage repeats a notification until Pub/Sub has taken it. fake-gcs-server forgets those that it has not sent yet
when it is stopped, and sends none of what it could not send within a minute.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shared import clients

if TYPE_CHECKING:
    from google.cloud import bigquery, storage

_SQL = Path(__file__).with_suffix(".sql")


def catch_up(project: str, dataset: str, bucket_name: str, topic: str) -> int:
    """Tells of every upload that none has been told of, and says how many there were."""
    bucket = clients.storage_client(project).bucket(bucket_name)
    publisher = clients.publisher_client()
    path = publisher.topic_path(project, topic)
    futures = [
        publisher.publish(path, _resource(blob), eventType="OBJECT_FINALIZE")
        for blob in untold(bucket, clients.bigquery_client(project), dataset)
    ]
    for future in futures:
        future.result(timeout=60)
    return len(futures)


def untold(bucket: "storage.Bucket", tables: "bigquery.Client", dataset: str) -> "Iterator[storage.Blob]":
    """Objects that no row comes from. Some may only be on their way: to be told of twice changes nothing."""
    from google.cloud import bigquery

    config = bigquery.QueryJobConfig(default_dataset=f"{tables.project}.{dataset}")
    told = {row["uri"] for row in tables.query_and_wait(_SQL.read_text(), job_config=config)}
    for blob in bucket.list_blobs():
        if f"gs://{bucket.name}/{blob.name}" not in told:
            yield blob


def _resource(blob: "storage.Blob") -> bytes:
    """The object as a notification (JSON_API_V1) describes it."""
    resource = {
        "bucket": blob.bucket.name,
        "name": blob.name,
        "generation": str(blob.generation),
        "size": str(blob.size),
        "md5Hash": blob.md5_hash,
        "crc32c": blob.crc32c,
        "timeCreated": blob.time_created.isoformat(),
        "metadata": blob.metadata or {},
    }
    return json.dumps({name: value for name, value in resource.items() if value is not None}).encode()
