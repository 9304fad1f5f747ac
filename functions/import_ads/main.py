"""`import_ads`: at each tick of the schedule, new rows of the user's raw-ads table are published as batches of URLs."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework
from pydantic import BaseModel, ValidationError

from functions.import_ads import importing
from functions.import_ads.settings import settings
from shared import clients, log, stage
from shared.events import Event
from shared.idempotency import StillInProgressError
from shared.stage import Message

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

TOPIC = "url-batches"
PUBLISH_LIMIT_S = 60


@functions_framework.cloud_event
def import_ads(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="import_ads", project=settings().google_cloud_project, parse=tick, step=step)


class Tick(BaseModel):
    """What a tick says: whether somebody asks for an import now, whatever it costs."""

    now: bool = False


def tick(message: Message) -> Tick:
    """Any message is a tick."""
    try:
        return Tick.model_validate_json(message.data)
    except ValidationError:
        return Tick()


def step(tick: Tick) -> Iterator[Event]:
    """Imports. It publishes by itself, because a batch is marked as published only once it is."""
    project = settings().google_cloud_project
    tables, results = (
        clients.bigquery_client(project),
        clients.storage_client(project).bucket(settings().results_bucket),
    )
    try:
        report = importing.run(settings(), tables, results, publish, now=tick.now)
    except StillInProgressError:
        log.info("another import is under way", stage="import_ads")
    else:
        log.info("imported", stage="import_ads", **dataclasses.asdict(report))
    return iter(())


def publish(batch: bytes) -> None:
    """Publishes a batch and waits until it is accepted."""
    topic = clients.topic_path(settings().google_cloud_project, TOPIC)
    clients.publisher_client().publish(topic, batch).result(timeout=PUBLISH_LIMIT_S)
