"""`dedup`: a fingerprint comes in; what it is to the creatives seen before goes out, and an extraction if it is due.

Requests that wait at the same moment are judged together, by what this instance knows of all creatives (lookup.py). A
repeated message gets the decision of its first time again, and publishes the same again.

A person's correction comes in too, by a subscription of its own: its creative is judged again, that word over all else.
So one that was split is published as a canonical, and extracted, as if it had been found to be one.
"""

import functions_framework
from cloudevents.http import CloudEvent
from pydantic import BaseModel, ValidationError

from functions.dedup import decisions
from functions.dedup.asking import Tables
from functions.dedup.coalescing import Coalescer
from functions.dedup.comparing import Comparer
from functions.dedup.judging import Judge
from functions.dedup.known import Case, Ruling
from functions.dedup.lookup import Lookup
from functions.dedup.memory.snapshot import Snapshot
from functions.dedup.recent import Decision, Recent
from functions.dedup.settings import DedupSettings, settings
from shared import clients, stage
from shared.events import Event, Fingerprint, Override
from shared.singleton import Singleton
from shared.stage import Message

MOST_WAITING = 100
COMPARING_THREADS = 4  # OpenCV and the WebP decoder release the GIL; two more for those that wait for the bucket


class _Action(BaseModel):
    """What only a correction has."""

    action: str


@functions_framework.cloud_event
def dedup(cloud_event: CloudEvent) -> None:
    """Decides one fingerprint, or again one that a person corrects."""
    stage.handle(
        cloud_event,
        stage="dedup",
        project=settings().google_cloud_project,
        parse=parse,
        step=decide,
    )


def parse(message: Message) -> Fingerprint | Override:
    """A fingerprint; or a correction, which anybody may publish: it is known by its `action`, not by who sent it."""
    try:
        _Action.model_validate_json(message.data)
    except ValidationError:
        return stage.parse_event(Fingerprint)(message)
    return stage.parse_event(Override)(message)


def decide(asked: Fingerprint | Override) -> list[Event]:
    """The decision, together with those that wait now, and what follows from it."""
    room = _waiting_room()
    if isinstance(asked, Fingerprint):
        return events_of(Case(asked), room)
    corrected = case_of(asked, _lookup(settings()))
    return events_of(corrected, room) if corrected else []


def case_of(override: Override, lookup: Lookup) -> Case | None:
    """The corrected creative, to be judged again; None where it is yet to come: then it finds its correction stored."""
    fingerprint = lookup.fingerprint(override.creative_id)
    if fingerprint is None:
        return None
    return Case(fingerprint.model_copy(update={"event_id": override.event_id}), Ruling.of(override))


def events_of(case: Case, waiting_room: Coalescer[Case, Decision]) -> list[Event]:
    """What its coming changes for others, its own match, the row others are compared with, an extraction if it is due.

    Its own comes last: where publishing fails half-way, it is not on record, and all is decided again.
    """
    decision = waiting_room.ask(case)
    own = {known.creative_id: known for known in decision.standing}.get(case.fingerprint.creative_id)
    difference = own.difference if own else None
    return [*decision.others, *decisions.events(case.fingerprint, decision.match, difference)]


@Singleton
def _waiting_room() -> Coalescer[Case, Decision]:
    """One, also for the first requests: two would be two judges who do not know of each other."""
    return waiting_room(settings())


def waiting_room(settings: DedupSettings) -> Coalescer[Case, Decision]:
    """Where requests meet: one judge for the whole instance."""
    comparer = Comparer(clients.storage_client(settings.google_cloud_project), settings.results_bucket)
    judge = Judge(_lookup(settings), comparer, Recent(), threads=COMPARING_THREADS)
    return Coalescer(judge.judge, max_batch=MOST_WAITING)


def _lookup(settings: DedupSettings) -> Lookup:
    tables = Tables(
        clients.bigquery_client(settings.google_cloud_project),
        settings.dataset,
        max_bytes_billed=settings.lookup_max_bytes_billed,
        timeout_s=settings.lookup_timeout_s,
    )
    kept = clients.storage_client(settings.google_cloud_project).bucket(settings.index_bucket)
    return Lookup(tables, Snapshot(kept), refresh_s=settings.lookup_refresh_s)
