"""Trying again: failures and dead letters become messages that go back into the stage where they failed.

What was given up is sent as it was; of anything else the very event is made again, from the tables or the object that
it was about. Stages may meet an event twice, so that a replay may be repeated; what was made good since is no longer
among the failures, so that nothing is left to send.

What a stage remembers does not answer a replay: `fetch` is told when it was asked for, `extract` that it is asked anew,
under an event_id that is the same for the same failure, so that a repeated replay pays for one answer.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from google.cloud import storage

from creatives.operations.failures import Failed
from creatives.operations.tables import Row, Tables
from shared import clients, objects
from shared.events import Ad, BannerObject, Event, Extraction, Fingerprint, ImageObject, VideoObject
from shared.reasons import GAVE_UP, Reason, Rejected
from shared.settings import cloud_name
from shared.wiring import Pipeline

if TYPE_CHECKING:
    from google.cloud import pubsub_v1

IDS_PER_QUERY = 5000
"""An ad's id has at most 1,024 characters, and a query 10 MB of parameters."""

_THREADS = 16
_OF_CREATIVES: Mapping[str, type[Event]] = {
    "hash": ImageObject,
    "probe": VideoObject,
    "render": BannerObject,
    "dedup": Fingerprint,
    "extract": Extraction,
}

_ATTRIBUTES = (
    *("event", "event_id"),  # of our own events
    *("batch_id", "origin"),  # of batches (shared/batches.py)
    *("eventType", "payloadFormat", "bucketId", "objectId", "objectGeneration"),  # of notices of Cloud Storage
)

NOT_NAMED = "trying again gives the same; name the reason or the id to send it all the same"
NO_RECORD = "nothing is left to send again: publish or upload it again"
OBJECT_IS_GONE = "its object is no longer there: upload it again"
NOT_IMPORTED = "its row of the raw-ads table has to be corrected; the next import takes it up"


@dataclass(frozen=True)
class Message:
    """A message to publish, for all failures that it is to make good.

    Attributes:
        topic: of pipeline.yaml.
        data: its bytes.
        attributes: its attributes.
        failed: the first of those failures.
    """

    topic: str
    data: bytes
    attributes: Mapping[str, str]
    failed: Failed


@dataclass(frozen=True)
class Left:
    """A failure that is not sent again, and why."""

    failed: Failed
    why: str


@dataclass(frozen=True)
class Plan:
    """What a replay would do.

    Attributes:
        messages: to be published, each once.
        left: what none of them is about.
    """

    messages: Sequence[Message]
    left: Sequence[Left]


@dataclass(frozen=True)
class Replayer:
    """Makes plans, from what the tables and the bucket hold.

    Attributes:
        tables: the dataset.
        objects: the Cloud Storage client, which is asked for the objects that `intake` failed at.
        wired: the pipeline, whose subscriptions say which topic a dead letter came from.
        now: the time that replayed messages carry.
        deployment: by whose name the subscriptions' begin; empty for the local pipeline.
    """

    tables: Tables
    objects: storage.Client
    wired: Pipeline
    now: datetime
    deployment: str = ""

    def plan(self, failures: Iterable[Failed], *, named: bool) -> Plan:
        """What a replay of these failures would publish.

        Args:
            failures: those that were chosen.
            named: whether they were named by reason or id: else those whose reasons last are left.
        """
        by_way: dict[str, list[Failed]] = defaultdict(list)
        for failed in failures:
            by_way[_way(failed, named=named)].append(failed)
        outcomes = [
            *(Left(failed, NOT_NAMED) for failed in by_way.pop("lasting", ())),
            *(Left(failed, NOT_IMPORTED) for failed in by_way.pop("import_ads", ())),
            *(outcome for way, some in by_way.items() for outcome in self._again(way, some)),
        ]
        messages = {(each.topic, each.data): each for each in outcomes if isinstance(each, Message)}
        return Plan([*messages.values()], [each for each in outcomes if isinstance(each, Left)])

    def _again(self, way: str, failures: Sequence[Failed]) -> Iterator[Message | Left]:
        if way == "letter":
            return self._letters(failures)
        if way == "fetch":
            return self._ads(failures)
        if way == "intake":
            return self._notices(failures)
        return self._events(way, failures)

    def _letters(self, failures: Sequence[Failed]) -> Iterator[Message | Left]:
        # An ad whose batch cannot be read in SQL has no message_id; its letter is among the lost ones.
        by_id = {failed.message_id: failed for failed in failures if failed.message_id}
        topics = {cloud_name(name, self.deployment): s.topic for name, s in self.wired.subscriptions.items()}
        for row in self._rows("letters", "message_ids", by_id):
            failed = by_id[row["message_id"]]
            topic = topics.get(row["subscription"])
            if topic is None:
                yield Left(failed, f"pipeline.yaml has no subscription {row['subscription']} any longer")
                continue
            attributes = self._attributes(_own(json.loads(row["attributes"]), row["message_id"]))
            yield Message(topic, (row["data"] or "").encode(), attributes, failed)

    def _ads(self, failures: Sequence[Failed]) -> Iterator[Message | Left]:
        found = {
            (row["ad_id"], row["source"]): Ad.model_validate(row)
            for row in self._rows("asked", "ad_ids", (failed.ad_id for failed in failures if failed.ad_id))
        }
        for failed in failures:
            ad = found.get((failed.ad_id, failed.source))
            yield self._message(ad, failed) if ad else Left(failed, NO_RECORD)

    def _events(self, stage: str, failures: Sequence[Failed]) -> Iterator[Message | Left]:
        model = _OF_CREATIVES.get(stage)
        if model is None:
            yield from (Left(failed, NO_RECORD) for failed in failures)
            return
        rows = self._rows(f"last_{model.TOPIC}", "creative_ids", (failed.creative_id or "" for failed in failures))
        found = {row["creative_id"]: model.model_validate(row) for row in rows}
        for failed in failures:
            event = found.get(failed.creative_id)
            yield self._message(self._asked_anew(event, failed), failed) if event else Left(failed, NO_RECORD)

    def _notices(self, failures: Sequence[Failed]) -> Iterator[Message | Left]:
        with ThreadPoolExecutor(_THREADS) as threads:
            yield from threads.map(self._notice, failures)

    def _notice(self, failed: Failed) -> Message | Left:
        """Cloud Storage's notice of the object, as it would send it now."""
        try:
            bucket, name = objects.split(failed.uri or failed.source or "")
        except Rejected:
            return Left(failed, NO_RECORD)
        blob = self.objects.bucket(bucket).get_blob(name)
        if blob is None:
            return Left(failed, OBJECT_IS_GONE)
        attributes = {"eventType": "OBJECT_FINALIZE", "payloadFormat": "JSON_API_V1", "bucketId": bucket}
        data = json.dumps(notice(blob), separators=(",", ":")).encode()
        return Message("uploads", data, self._attributes(attributes | {"objectId": name}), failed)

    def _message(self, event: Event, failed: Failed) -> Message:
        attributes = self._attributes({"event": type(event).__name__, "event_id": event.event_id})
        return Message(event.TOPIC, event.model_dump_json(exclude_none=True).encode(), attributes, failed)

    def _asked_anew(self, event: Event, failed: Failed) -> Event:
        """A request for an extraction as one that is made on purpose; any other event as it was."""
        if not isinstance(event, Extraction):
            return event
        chain = hashlib.sha256(f"{failed.event_id} {failed.failed_at}".encode()).hexdigest()[:32]
        changes = {"event_id": f"replay-{chain}", "occurred_at": self.now, "requested_by": "reextract"}
        return event.model_copy(update=changes)

    def _attributes(self, own: Mapping[str, str]) -> dict[str, str]:
        return {**own, "replayed_at": self.now.isoformat()}

    def _rows(self, question: str, parameter: str, ids: Iterable[str]) -> Iterator[Row]:
        for some in batched(sorted(set(ids)), IDS_PER_QUERY, strict=False):
            yield from self.tables.ask(question, **{parameter: some})


def notice(blob: storage.Blob) -> dict[str, object]:
    """What a notification of Cloud Storage (JSON_API_V1) says of an object, as far as `intake` reads it."""
    said = {
        "kind": "storage#object",
        "bucket": blob.bucket.name,
        "name": blob.name,
        "generation": str(blob.generation),
        "size": str(blob.size),
        "md5Hash": blob.md5_hash,
        "crc32c": blob.crc32c,
        "timeCreated": blob.time_created.isoformat() if blob.time_created else None,
        "metadata": blob.metadata,
    }
    return {name: value for name, value in said.items() if value is not None}


def publish(
    publisher: "pubsub_v1.PublisherClient",
    project: str,
    messages: Iterable[Message],
    on_progress: Callable[[], None] = lambda: None,
    deployment: str | None = None,
) -> int:
    """Publishes the messages and says how many there were; each is accepted when this returns.

    `deployment` is whose topics those are; this process's own where it is not said.

    Raises:
        Exception: the client's, when a message was not accepted. To repeat the replay is safe.
    """
    futures = []
    for each in messages:
        attributes: dict[str, Any] = {**each.attributes}
        futures.append(publisher.publish(clients.topic_path(project, each.topic, deployment), each.data, **attributes))
    for future in futures:
        future.result(timeout=60)
        on_progress()
    return len(futures)


def _way(failed: Failed, *, named: bool) -> str:
    """How a failure is made good: as its letter, or by an event for a stage; `lasting` where it is not to be tried."""
    if failed.is_lasting and not named:
        return "lasting"
    if failed.reason == GAVE_UP:
        return "letter"
    if failed.reason == Reason.OBJECT_GONE and failed.batch_id:
        return "fetch"  # which stores it anew: no other stage can
    return failed.stage


def _own(attributes: Mapping[str, str], message_id: str) -> dict[str, str]:
    """A dead letter's attributes that mean something to a stage; not those that Pub/Sub added.

    A message without an event_id begins its chain here: so the views can tell that it was replayed.
    """
    return {"event_id": message_id} | {name: attributes[name] for name in _ATTRIBUTES if name in attributes}
