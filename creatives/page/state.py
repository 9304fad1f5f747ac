"""What the page's application works with, given to each of its answers."""

from dataclasses import dataclass
from dataclasses import field as made_field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from google.cloud import pubsub_v1
from pydantic import BaseModel

from creatives.agents import meaning
from creatives.agents.meaning import Vectors
from creatives.analysis.addresses import Limits
from creatives.page import reading
from creatives.page.counting import Accepted, Moment
from creatives.page.reading import Dataset, Kept, Report
from creatives.page.saved import SavedViews
from shared import features

if TYPE_CHECKING:
    from google.cloud import storage


@dataclass(frozen=True)
class AppState:
    """What the application works with.

    Attributes:
        port: where it is served, on this machine.
        dataset: what it shows.
        bucket: where files go.
        incoming: a folder for those that are on their way.
        awaited: a file of the ads that were accepted and are in no table yet.
        publisher: of Pub/Sub, where addresses go.
        status_url: of Pub/Sub's status; None where it does not tell.
        model: the feature model, which says what may be said.
        meanings: where it is kept what the creatives mean.
        saved: the views that people gave a name.
        limits: what the pipeline takes.
    """

    port: int
    dataset: Dataset
    bucket: "storage.Bucket"
    incoming: Path
    awaited: Path
    publisher: pubsub_v1.PublisherClient
    status_url: str | None
    meanings: Path
    saved: SavedViews
    limits: Limits
    model: type[BaseModel] = features.ImageFeatures
    report: Kept[Report] = made_field(init=False)
    accepted: Accepted = made_field(init=False)
    counts: Kept[Moment] = made_field(init=False)
    vectors: Kept[Vectors] = made_field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "report", Kept(self.dataset.report, reading.LEAST_S))
        object.__setattr__(self, "accepted", Accepted(self.dataset.counted, self.awaited))
        object.__setattr__(self, "counts", Kept(self.accepted.moment, reading.LEAST_S))
        vectors = partial(meaning.current, self.dataset.tables, self.meanings)
        object.__setattr__(self, "vectors", Kept(vectors, reading.LEAST_S))

    def close(self) -> None:
        """Lets what is being read end, before what it is read from is stopped: its client would ask on for minutes."""
        for kept in (self.report, self.counts, self.vectors):
            kept.close()
