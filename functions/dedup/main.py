"""`dedup`: a fingerprint comes in; what it is to the creatives seen before goes out, and an extraction if it is due.

The gate in BigQuery costs bytes, whatever is asked: so requests that wait at the same moment share one lookup.
A repeated message gets the decision of its first time again, and publishes the same again.
"""

from functools import cache
from threading import Lock

import functions_framework
from cloudevents.http import CloudEvent

from functions.dedup import decisions
from functions.dedup.coalescing import Coalescer
from functions.dedup.comparing import Comparer
from functions.dedup.judging import Judge
from functions.dedup.lookup import Lookup
from functions.dedup.recent import Recent
from functions.dedup.settings import DedupSettings, settings
from shared import clients, stage
from shared.events import Event, Fingerprint, Match

MOST_WAITING = 100
COMPARING_THREADS = 4  # OpenCV and the WebP decoder release the GIL; two more for those that wait for the bucket

_starting = Lock()


@functions_framework.cloud_event
def dedup(cloud_event: CloudEvent) -> None:
    """Decides one fingerprint."""
    stage.handle(
        cloud_event,
        stage="dedup",
        project=settings().google_cloud_project,
        parse=stage.parse_event(Fingerprint),
        step=decide,
    )


def decide(fingerprint: Fingerprint) -> list[Event]:
    """The decision, together with those that wait now, and what follows from it."""
    return events_of(fingerprint, _waiting_room())


def events_of(fingerprint: Fingerprint, waiting_room: Coalescer[Fingerprint, Match]) -> list[Event]:
    """The match, and, where it is a canonical now, the row others are compared with and its extraction."""
    return decisions.events(fingerprint, waiting_room.ask(fingerprint))


@cache
def _only_waiting_room() -> Coalescer[Fingerprint, Match]:
    return waiting_room(settings())


def _waiting_room() -> Coalescer[Fingerprint, Match]:
    with _starting:  # two rooms, if the first requests came together, would be two judges who do not know of each other
        return _only_waiting_room()


def waiting_room(settings: DedupSettings) -> Coalescer[Fingerprint, Match]:
    """Where requests meet: one judge for the whole instance."""
    project = settings.google_cloud_project
    lookup = Lookup(
        clients.bigquery_client(project),
        settings.dataset,
        max_bytes_billed=settings.lookup_max_bytes_billed,
        timeout_s=settings.lookup_timeout_s,
    )
    comparer = Comparer(clients.storage_client(project), settings.results_bucket)
    judge = Judge(lookup, comparer.compare, Recent(), threads=COMPARING_THREADS)
    return Coalescer(judge.judge, max_batch=MOST_WAITING)
