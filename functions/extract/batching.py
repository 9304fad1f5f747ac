"""Batch mode: requests that wait are sent together through the Gemini batch API, at half the price, within hours.

Each tick collects what waits into jobs, and looks after the jobs that were sent. A job is first an object in the
results bucket (`batches/<id>.json`) and then a job of the service under that id, so that a crash between the two
neither loses it nor pays for it twice. Answers are stored and published as all others are; what failed in a job is sent
again, alone, in another one. One tick at a time does this: see `tend`.

A job that is refused, or fails, says nothing of the creatives in it: it is halved until one is left, and that one is
failed only where one of our own is answered.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from google.api_core.exceptions import NotFound
from google.genai import errors, types
from pydantic import BaseModel, ConfigDict

from functions.extract import answers
from functions.extract.answers import StoredAnswer
from functions.extract.dependencies import Dependencies
from functions.extract.extractors import conversation, gemini_request, mending, replies
from functions.extract.extractors.conversation import TURNS, Fault, NoAnswer
from functions.extract.extractors.extractor import Answer, Replies, Unanswered
from functions.extract.extractors.gemini import GeminiExtractor
from functions.extract.money import deferral
from functions.extract.money.deferral import Deferred
from functions.extract.resuming import Publish
from shared import idempotency, log, stage
from shared.events import Event, Extraction, WaitReason
from shared.models import receiving
from shared.models.backoff import Deadline
from shared.models.budget import MustWaitError
from shared.models.faults import MISCONFIGURED
from shared.models.gemini import Fate, fate
from shared.models.usage import Call
from shared.reasons import Reason, Rejected

MOST_ATTEMPTS = 20
"""Jobs that a creative is sent in without an answer, as often as Pub/Sub delivers a message before it gives up."""

_JOB_BYTES = 13_000_000  # a request holds 20 MB, and base64 makes 4 bytes of 3
_JOB_ITEMS = 500
_TENDING_S = 600.0
_GRPC_INVALID = 3
_GRPC_OUR_FAULT = (5, 7, 9, 16)  # not found, permission denied, failed precondition, unauthenticated
_ENDED_WITHOUT = ("BATCH_STATE_FAILED", "BATCH_STATE_CANCELLED", "BATCH_STATE_EXPIRED")
_ENDED = ("BATCH_STATE_SUCCEEDED", "BATCH_STATE_PARTIALLY_SUCCEEDED")

type Json = Mapping[str, Any]


class Item(BaseModel):
    """One request in a job, how many jobs gave it no answer, and what it took in those that did; on which day's limit
    its money was kept back.
    """

    model_config = ConfigDict(frozen=True)

    request: Extraction
    taken_on: date | None = None  # jobs of before did not say
    attempts: int = 0
    spent: tuple[Call, ...] = ()


class Job(BaseModel):
    """Requests that are sent together. `name` is the service's, once it has the job."""

    model_config = ConfigDict(frozen=True)

    id: str
    items: list[Item]
    name: str | None = None

    @property
    def object_name(self) -> str:
        """Where it is kept in the results bucket until its answers are published."""
        return f"batches/{self.id}.json"


@dataclass(frozen=True)
class Outcome:
    """What became of an item: an event to publish, or another attempt."""

    event: Event | None = None
    again: Item | None = None


def tend(deps: Dependencies, extractor: GeminiExtractor, publish: Publish) -> None:
    """Finishes the jobs that are done and sends what waits. A tick that finds another one at it leaves it alone."""

    def work(_before: bytes | None) -> bytes:
        batches = Batches(deps, extractor, publish)
        for job in list(batches.open_jobs()):
            batches.look_after(job)
        while deps.settings.extraction_mode == "batch" and batches.send_next():
            pass
        return b"{}"

    try:
        idempotency.run_idempotently(
            deps.bucket, "batches.json", work, lease_s=_TENDING_S, wait_s=0, fresh=lambda _: False
        )
    except idempotency.StillInProgressError:
        log.info("another tick looks after the batches", stage="extract")


class Batches:
    """The jobs of this instance."""

    def __init__(self, deps: Dependencies, extractor: GeminiExtractor, publish: Publish) -> None:
        self._deps = deps
        self._extractor = extractor
        self._publish = publish

    def open_jobs(self) -> Iterator[Job]:
        """Jobs whose answers are not all published."""
        for blob in self._deps.bucket.list_blobs(prefix="batches/"):
            yield Job.model_validate_json(blob.download_as_bytes())

    def look_after(self, job: Job) -> None:
        """Sends a job that was not sent, or publishes the answers of one that has ended."""
        if job.name is None:
            self._send(job)
            return
        sent = self._state_of(job.name)
        state = sent.get("metadata", {}).get("state")
        if state in _ENDED:
            self._finish(job, [self._outcome(item, response) for item, response in _paired(job, sent)])
        elif state in _ENDED_WITHOUT:
            self._ended_without(job, sent.get("error") or {"message": state})

    def _ended_without(self, job: Job, error: Json) -> None:
        """A job without any answer: cancelled, expired, or failed, and nobody says by which of its creatives."""
        log.error("a batch ended without answers", stage="extract", job=job.name, why=error)
        if len(job.items) == 1:
            self._finish(job, [self._without_answer(job.items[0], error)])
        elif error.get("code") in (None, *_GRPC_OUR_FAULT):
            self._finish(job, [Outcome(again=item) for item in job.items])
        else:
            self._halve(job)

    def _state_of(self, name: str) -> Json:
        """The job as the service sends it; answers in it may be more than the client's own parser takes."""
        try:
            self._extractor.client.batches.get(name=name)
        except (ValueError, RecursionError) as error:
            log.warning("a batch is read without the client", stage="extract", job=name, why=type(error).__name__)
        sent: Json = json.loads(receiving.received().decode(errors="replace"))
        return sent

    def send_next(self) -> bool:
        """Sends one job of what waits; says whether there was anything."""
        sent_before = {item.request.creative_id for job in self.open_jobs() for item in job.items}
        waiting = dict(self._affordable(sent_before))
        taken, items = list(waiting), [Item(request=each.request, taken_on=day) for each, day in waiting.items() if day]
        job = self._keep(items) if items else None
        deferral.remove(self._deps.bucket, taken)
        if job:
            self._send(job)
        return bool(taken)

    def _affordable(self, sent_before: set[str]) -> Iterator[tuple[Deferred, date | None]]:
        """The oldest requests that wait for a batch, as many as the budget covers, and the day whose money each takes;
        None for one that was delivered again meanwhile: it is in a job, or answered, already.
        """
        seen = set(sent_before)
        for queue in deferral.queues(self._deps.bucket, WaitReason.BATCH_MODE):
            for deferred in deferral.oldest(self._deps.bucket, queue, _JOB_ITEMS):
                is_new = deferred.request.creative_id not in seen and not self._is_answered(deferred.request)
                taken_on = self._takes_its_money(deferred.request) if is_new else None
                if is_new and not taken_on:
                    return
                seen.add(deferred.request.creative_id)
                yield deferred, taken_on

    def _is_answered(self, request: Extraction) -> bool:
        """Whether there is an answer that serves this request; it is published then, as at every delivery."""
        deps = self._deps
        stored = answers.find(deps.bucket, deps.question, request)
        if stored:
            self._publish([answers.row(request, deps.question, stored, deps.bucket.name, deps.row)])
        return stored is not None

    def _takes_its_money(self, request: Extraction) -> date | None:
        try:
            return self._deps.budget.take(request, self._deps.estimate(request))
        except MustWaitError as must:
            log.info("put aside", stage="extract", creative_id=request.creative_id, reason=must.wait.reason)
            return None

    def _keep(self, items: list[Item]) -> Job:
        job = Job(id=f"creatives-{uuid.uuid4().hex}", items=items)
        self._write(job, generation=0)
        return job

    def _write(self, job: Job, generation: int | None = None) -> None:
        blob = self._deps.bucket.blob(job.object_name)
        blob.upload_from_string(job.model_dump_json(), "application/json", if_generation_match=generation)

    def _send(self, job: Job) -> None:
        """Hands a job to the service, unless it has it already and only its name was lost."""
        known = (batch for batch in self._extractor.client.batches.list() if batch.display_name == job.id)
        sent = next(known, None)
        if sent is None:
            job, requests = self._packed(job)
            if not requests:
                self._forget(job)
                return
            try:
                config = types.CreateBatchJobConfig(display_name=job.id)
                sent = self._extractor.client.batches.create(model=self._extractor.model, src=requests, config=config)
            except errors.ClientError as error:
                if fate(error) is not Fate.REFUSED:
                    raise
                self._after_refusal(job, error.message or "the batch was refused")
                return
        self._write(job.model_copy(update={"name": sent.name}))
        log.info("sent a batch", stage="extract", job=sent.name, requests=len(job.items))

    def _after_refusal(self, job: Job, message: str) -> None:
        """A job that was refused: kept for the next tick where one of our own is refused too, else halved."""
        item = job.items[0]
        refusal = self._judged(item, message)
        if not isinstance(refusal, Rejected):
            log.warning("a batch waits until requests are no longer refused", stage="extract", job=job.id)
        elif len(job.items) == 1:
            self._finish(job, [Outcome(event=self._rejected(item, refusal))])
        else:
            log.warning("a batch was refused, and is sent in halves", stage="extract", job=job.id, why=message[:500])
            self._halve(job)

    def _halve(self, job: Job) -> None:
        """Sends a job in two, until one request is left, which then is what its fate is about."""
        middle = len(job.items) // 2
        halves = [self._keep(job.items[:middle]), self._keep(job.items[middle:])]
        self._forget(job)
        for half in halves:
            self._send(half)

    def _packed(self, job: Job) -> tuple[Job, list[types.InlinedRequest]]:
        """The requests of a job as they are sent. What no longer fits into one becomes a job of its own."""
        items: list[Item] = []
        requests: list[types.InlinedRequest] = []
        size = 0
        for number, item in enumerate(job.items):
            try:
                inlined, inlined_size = self._inlined(item.request)
            except Rejected as rejection:
                self._publish([self._rejected(item, rejection)])
                continue
            size += inlined_size
            if requests and size > _JOB_BYTES:
                self._keep(job.items[number:])
                break
            items.append(item)
            requests.append(inlined)
        packed = job.model_copy(update={"items": items})
        self._write(packed)
        return packed, requests

    def _inlined(self, request: Extraction) -> tuple[types.InlinedRequest, int]:
        """A creative's request, and how many bytes its picture has."""
        settings = self._deps.settings
        with self._extractor.shown(request, Deadline(settings.extraction_timeout_s)) as part:
            turn = conversation.first_turn(request.kind, settings)
            contents = gemini_request.contents(part, turn)
        config = gemini_request.config(turn, self._deps.model_for(request), settings)
        metadata = {"creative_id": request.creative_id}
        picture = part.inline_data.data if part.inline_data else None
        return types.InlinedRequest(contents=list(contents), config=config, metadata=metadata), len(picture or b"")

    def _outcome(self, item: Item, sent: Json) -> Outcome:
        if "response" not in sent:
            return self._without_answer(item, sent.get("error") or {})
        self._extractor.control.answered(item.request.kind)
        reply = replies.of_response(sent["response"])
        calls = (*item.spent, Call(reply.call.usage, "batch"))
        verdict = conversation.judge(reply, self._deps.model_for(item.request))
        if not isinstance(verdict, NoAnswer):
            answer = Answer(verdict.features, calls, mending.whole(reply.text), verdict.unusable)
            return Outcome(event=self._said(item, answer))
        if verdict.fault is Fault.BLOCKED or len(calls) >= TURNS:
            raw = json.dumps(sent["response"]).encode()
            return Outcome(event=self._said(item, conversation.unanswered(verdict, reply, list(calls), raw)))
        return Outcome(again=item.model_copy(update={"spent": calls}))

    def _without_answer(self, item: Item, error: Json) -> Outcome:
        """An item that the service answered with an error, or not at all."""
        message = mending.whole(str(error.get("message") or "the batch has no answer for it"))[:500]
        if error.get("code") in _GRPC_OUR_FAULT:
            log.error(f"{MISCONFIGURED}: {message}", stage="extract", code=error["code"])
            return Outcome(again=item)
        return self._refused(item, message) if error.get("code") == _GRPC_INVALID else self._failed(item, message)

    def _refused(self, item: Item, message: str) -> Outcome:
        """An item that was refused as a bad request: it is failed only where one of our own is not."""
        refusal = self._judged(item, message)
        if isinstance(refusal, Rejected):
            return Outcome(event=self._rejected(item, refusal))
        return Outcome(again=item)

    def _judged(self, item: Item, message: str) -> Exception:
        return self._extractor.control.judge(item.request.kind, Rejected(Reason.REFUSED_BY_MODEL, message))

    def _failed(self, item: Item, message: str) -> Outcome:
        """An item that got no answer, for a reason that may pass; one that never passes is a refusal."""
        if item.attempts + 1 < MOST_ATTEMPTS:
            return Outcome(again=item.model_copy(update={"attempts": item.attempts + 1}))
        return self._refused(item, f"failed in {MOST_ATTEMPTS} batches: {message}")

    def _rejected(self, item: Item, rejection: Rejected) -> Event:
        """The failure of a request, with what it took in earlier jobs; the money kept back for it is free again."""
        request = item.request
        if item.spent:
            raw = "an answer that did not fit, given in an earlier batch"
            return self._said(item, Unanswered(rejection.reason, rejection.detail, calls=item.spent, raw=raw))
        self._deps.budget.settle(request, self._deps.estimate(request), Decimal(0), item.taken_on)
        return stage.failure("extract", rejection, request.model_dump())

    def _said(self, item: Item, said: Answer | Unanswered) -> Event:
        """The row or the failure of what was said, once that is stored and paid for."""
        deps, request = self._deps, item.request

        def ask(_earlier: Replies) -> StoredAnswer:
            if isinstance(said, Unanswered):
                return answers.unanswered(request, deps.question, "batch", said)
            return answers.answered(request, deps.question, "batch", said)

        stored = answers.find_or_ask(deps.bucket, deps.question, request, ask, lease_s=30)
        deps.budget.settle(request, deps.estimate(request), stored.cost_usd, item.taken_on)
        return answers.row(request, deps.question, stored, deps.bucket.name, deps.row)

    def _finish(self, job: Job, outcomes: Iterable[Outcome]) -> None:
        """Publishes what a job gave, keeps what is to be tried again as a job of its own, and forgets the job."""
        ended = list(outcomes)
        self._publish([outcome.event for outcome in ended if outcome.event])
        again = [outcome.again for outcome in ended if outcome.again]
        following = self._keep(again) if again else None
        self._forget(job)
        if following:
            self._send(following)

    def _forget(self, job: Job) -> None:
        try:
            self._deps.bucket.blob(job.object_name).delete()
        except NotFound:
            log.warning("a batch was forgotten already", stage="extract", job=job.id)


def _paired(job: Job, sent: Json) -> Iterator[tuple[Item, Json]]:
    """Each item of a job with its response, whatever the order of the responses; an empty one where there is none."""
    responses = sent["metadata"].get("output", {}).get("inlinedResponses", {}).get("inlinedResponses", [])
    by_creative = {response.get("metadata", {}).get("creative_id"): response for response in responses}
    for item in job.items:
        yield item, by_creative.get(item.request.creative_id, {})
