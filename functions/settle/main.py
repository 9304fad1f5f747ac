"""`settle`: at each tick of the schedule, how the pipeline stands becomes a row, where anything is new."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import functions_framework

from functions.settle import settling
from functions.settle.settings import settings
from shared import clients, stage
from shared.events import Event
from shared.stage import Message

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


@functions_framework.cloud_event
def settle(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="settle", project=settings().google_cloud_project, parse=stage.tick, step=step)


def step(asked: Message) -> Iterator[Event]:
    """The row, unless the one that there is still holds, or another would cost too much by now."""
    project = settings().google_cloud_project
    bucket = clients.storage_client(project).bucket(settings().results_bucket)
    client = clients.bigquery_client(project)
    settled = settling.settle(client, bucket, settings(), datetime.now(UTC), asked.message_id)
    return iter([settled] if settled else [])
