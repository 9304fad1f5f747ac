"""`extract`: what a creative shows, asked once, paid for once, published as often as the event is delivered.

Each creative has one answer per question (see answers.py). It is stored before it is published, so an event that is
delivered again finds it and only publishes again.
"""

from collections.abc import Iterator
from functools import cache

import functions_framework
from cloudevents.http import CloudEvent

from functions.extract import answers, chosen
from functions.extract.answers import Question, StoredAnswer
from functions.extract.extractor import Extractor, Unanswered
from functions.extract.settings import settings
from shared import clients, features, stage
from shared.events import Event, Extraction


@functions_framework.cloud_event
def extract(cloud_event: CloudEvent) -> None:
    """Answers one extraction request."""
    stage.handle(
        cloud_event,
        stage="extract",
        project=settings().google_cloud_project,
        parse=stage.parse_event(Extraction),
        step=_answer,
    )


@cache
def _extractor() -> Extractor:
    return chosen.extractor(settings())


@cache
def _question() -> Question:
    return chosen.question(settings(), _extractor())


def _answer(request: Extraction) -> Iterator[Event]:
    bucket = clients.storage_client(settings().google_cloud_project).bucket(settings().results_bucket)
    name = _question().object_name(request.creative_id)
    stored = answers.find(bucket, name) or answers.keep(bucket, name, _ask(request))
    event = features.features_event(features.load(settings().features))
    yield answers.row(request, _question(), stored, f"gs://{bucket.name}/{name}", event)


def _ask(request: Extraction) -> StoredAnswer:
    model = features.model_for(request.kind, features.load(settings().features))
    mode = settings().extraction_mode
    try:
        return answers.answered(request, _question(), mode, _extractor().extract(request, model))
    except Unanswered as refusal:
        return answers.unanswered(request, _question(), mode, refusal)
