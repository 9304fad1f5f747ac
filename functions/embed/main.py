"""`embed`: at each tick, creatives that were analysed and stand for themselves are given the vectors that they lack.

What is lacking stands in the tables: nobody keeps a queue. So what waits for money, was refused for a while or was
there before the model was chosen is taken up by a later tick, and copies never have one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import functions_framework

from functions.embed.settings import EmbedSettings
from shared import stage
from shared.events import Event
from shared.singleton import Singleton
from shared.stage import Message

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from functions.embed.embedding import Dependencies


@functions_framework.cloud_event
def embed(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    stage.handle(cloud_event, stage="embed", project=settings().google_cloud_project, parse=stage.tick, step=step)


def step(_: Message) -> Iterator[Event]:
    """The vectors that are lacking; nothing where no model makes any."""
    if settings().chosen_model is None:
        return iter([])
    from functions.embed import embedding

    return embedding.lacking(dependencies())


@Singleton
def settings() -> EmbedSettings:
    """The process's settings, read once."""
    return EmbedSettings.load()


@Singleton
def dependencies() -> "Dependencies":
    """What this instance works with."""
    from functions.embed.embedding import Dependencies

    return Dependencies.of(settings())
