"""`measure`: at each tick of the schedule, what goes with better results, and which creatives wear out, become rows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import functions_framework

from functions.measure import measuring
from functions.measure.settings import settings
from shared import clients, stage
from shared.events import Event
from shared.stage import Message

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


@functions_framework.cloud_event
def measure(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="measure", project=settings().google_cloud_project, parse=stage.tick, step=step)


def step(asked: Message) -> Iterator[Event]:
    """All that can be told now, as one run."""
    client = clients.bigquery_client(settings().google_cloud_project)
    return measuring.run(client, settings(), datetime.now(UTC), asked.message_id)
