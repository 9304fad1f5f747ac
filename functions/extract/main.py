"""`extract`: what a creative shows, asked once, paid for once, published as often as the event is delivered.

Each creative has one answer per question (see answers.py). It is stored before it is published, so an event that is
delivered again finds it and only publishes again. Where the money is spent, the request is put aside and acknowledged;
a tick takes it up again.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

import functions_framework
from cloudevents.http import CloudEvent
from pydantic import ValidationError

from functions.extract import answers, dependencies, resuming
from functions.extract.answers import StoredAnswer
from functions.extract.dependencies import Dependencies
from functions.extract.extractors.extractor import Replies, Unanswered
from functions.extract.money import deferral
from functions.extract.resuming import Publish, Tick
from shared import clients, log, prices, stage, youtube
from shared.events import Event, Extraction, WaitReason
from shared.models.budget import MustWaitError, waiting
from shared.reasons import Reason, Rejected
from shared.stage import Message

_LEASE_MARGIN_S = 10.0  # for what comes before and after the calls


@functions_framework.cloud_event
def extract(cloud_event: CloudEvent) -> None:
    """Answers one extraction request, or looks after those that wait."""
    deps = dependencies.of_this_process()
    stage.handle(
        cloud_event,
        stage="extract",
        project=deps.settings.google_cloud_project,
        parse=parse,
        step=partial(step, deps),
    )


def parse(message: Message) -> Extraction | Tick:
    """A request, or the scheduler's tick."""
    try:
        return Tick.model_validate_json(message.data)
    except ValidationError:
        return stage.parse_event(Extraction)(message)


def step(deps: Dependencies, asked: Extraction | Tick) -> Iterator[Event]:
    """What is published of a request: its row, its failure, or that it waits."""
    if isinstance(asked, Tick):
        look_after_waiting(deps, partial(clients.publish, deps.settings.google_cloud_project))
        return
    lease_s = deps.settings.extraction_timeout_s + _LEASE_MARGIN_S
    try:
        stored = answers.find_or_ask(deps.bucket, deps.question, asked, partial(ask, deps, asked), lease_s=lease_s)
    except MustWaitError as must:
        log.info("put aside", stage="extract", creative_id=asked.creative_id, reason=must.wait.reason)
        deferral.defer(deps.bucket, asked, must.wait)
        yield must.wait
        return
    yield answers.row(asked, deps.question, stored, deps.bucket.name, deps.row)


def look_after_waiting(deps: Dependencies, publish: Publish) -> None:
    """What a tick does: what waited for money goes on, batches are sent and fetched."""
    resuming.resume(deps, publish)
    if deps.can_batch:
        from functions.extract import batching
        from functions.extract.extractors.gemini import GeminiExtractor

        if isinstance(deps.extractor, GeminiExtractor):
            batching.tend(deps, deps.extractor, publish)


def ask(deps: Dependencies, request: Extraction, earlier: Replies) -> StoredAnswer:
    """Asks the extractor, within the budget, and prices what it says, `earlier` replies included.

    Raises:
        MustWaitError: when a budget is spent, or in batch mode.
        Rejected: when the creative cannot be described and nothing was paid.
    """
    require_readable(deps, request)
    mode = deps.mode_for(request)
    if mode == "batch":
        raise MustWaitError(waiting(request, WaitReason.BATCH_MODE, "it goes with the next batch"))
    estimate = deps.estimate(request)
    if not estimate:
        return _answer(deps, request, mode, earlier, Decimal(0))
    counted = earlier.calls * estimate  # by the deliveries that made them and did not come to an answer
    with deps.budget.reserved(request, estimate) as spending:
        try:
            stored = _answer(deps, request, mode, earlier, estimate)
        finally:
            spending.usd = earlier.calls * estimate - counted
        if stored.cost_usd is not None:
            spending.usd = max(stored.cost_usd + earlier.lost * estimate - counted, Decimal(0))
    return stored


def _answer(
    deps: Dependencies, request: Extraction, mode: prices.Mode, earlier: Replies, each: Decimal
) -> StoredAnswer:
    """The answer; where calls were lost on the way to none, it says what they may have cost by their estimate."""
    try:
        answer = deps.extractor.extract(request, deps.model_for(request), earlier)
    except Unanswered as refusal:
        if each and earlier.lost:
            refusal.detail += f". Those that were lost: about {earlier.lost * each:f} USD if they were"
        return answers.unanswered(request, deps.question, mode, refusal)
    return answers.answered(request, deps.question, mode, answer)


def require_readable(deps: Dependencies, request: Extraction) -> None:
    """Returns when the extractor can read what the request names.

    Raises:
        Rejected: for an address, which only Gemini opens by itself.
    """
    if youtube.is_address(request.uri) and deps.extractor.name != "gemini":
        detail = f"{request.uri} has no file of ours, and {deps.extractor.name} opens no addresses: only gemini does"
        raise Rejected(Reason.VIDEO_PLATFORM_PAGE, detail)
