"""The answers that were paid for: each is an object in the results bucket, written before anything is published.

    answers/<creative_id>/<feature model>-<its version>-<prompt version>-<extractor>-<model>.json
    replies/<the same>/<turn>, and for a request made on purpose replies/<the same>/<its event>/<turn>
    replies/<the same>/lost, the number of calls that may have been paid for and brought no whole reply

So a creative is asked about once per feature model, prompt, extractor and model, however often its event is delivered.
The replies are what the service sent, byte for byte: kept before anything reads them, so that an answer that cannot be
read is not paid for again.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound
from google.cloud.storage.retry import DEFAULT_RETRY
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

import shared.idempotency
from functions.extract.extractors.conversation import TURNS
from functions.extract.extractors.extractor import Answer, Replies, Unanswered
from shared import log, objects, prices
from shared.events import Extraction, Failure, FeaturesExtracted
from shared.models.usage import Call, Usage, total
from shared.reasons import Reason

if TYPE_CHECKING:
    from google.cloud import storage

_MOST_DETAIL = 2000  # characters of a failure's detail
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True)
class Question:
    """What is asked of every creative: together with a creative's id it names an answer.

    Attributes:
        feature_model: `module:Class`.
        feature_version: the version of that model's fields.
        prompt_version: the version of what the extractor is told.
        extractor: offline, gemini or azure.
        model: the model that answers.
    """

    feature_model: str
    feature_version: str
    prompt_version: str
    extractor: str
    model: str

    def object_name(self, creative_id: str) -> str:
        """Where the answer for a creative is kept in the results bucket."""
        parts = (_UNSAFE.sub("_", part) for part in dataclasses.astuple(self))
        return f"answers/{creative_id}/{'-'.join(parts)}.json"


class StoredAnswer(BaseModel):
    """One paid answer with its usage, as it is kept. A rejection after a call is an answer too: it cost money.

    Attributes:
        event_id: of the request that was answered.
        mode: how it was billed: of several calls the last one.
        raw: what the model said.
        features: the validated answer; null when it was rejected.
        unusable: fields that are null because what was said of them could not be used.
    """

    model_config = ConfigDict(frozen=True)

    answered_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    event_id: str
    mode: prices.Billed
    usage: Usage | None
    cost_usd: Decimal | None
    price_date: str | None
    raw: str
    features: dict[str, object] | None = None
    unusable: tuple[str, ...] = ()
    reason: Reason | None = None
    detail: str | None = None


def answered(request: Extraction, question: Question, mode: prices.Mode, answer: Answer) -> StoredAnswer:
    """The record of an answer, priced as of now."""
    return _priced(request, question, mode, answer.calls, answer.raw).model_copy(
        update={"features": answer.features.model_dump(mode="json"), "unusable": answer.unusable}
    )


def unanswered(request: Extraction, question: Question, mode: prices.Mode, refusal: Unanswered) -> StoredAnswer:
    """The record of calls that were paid for and gave nothing that can be used, priced as of now."""
    return _priced(request, question, mode, refusal.calls, refusal.raw).model_copy(
        update={"reason": refusal.reason, "detail": refusal.detail[:_MOST_DETAIL]}
    )


def _priced(
    request: Extraction, question: Question, mode: prices.Mode, calls: Sequence[Call], raw: str
) -> StoredAnswer:
    """The record without its verdict; each call costs what it was billed as, else what it was asked for as."""
    now = datetime.now(UTC)
    billed = [call.billed or mode for call in calls]
    costs = [prices.cost(question.model, how, call.usage, now.date()) for how, call in zip(billed, calls, strict=True)]
    known = [price for price in costs if price]
    return StoredAnswer(
        answered_at=now,
        event_id=request.event_id,
        mode=billed[-1] if billed else mode,
        usage=total(calls) if calls else None,
        cost_usd=sum((price.usd for price in known), Decimal(0)) if len(known) == len(costs) else None,
        price_date=known[-1].valid_from.isoformat() if known else None,
        raw=raw,
    )


def row(
    request: Extraction, question: Question, stored: StoredAnswer, bucket: str, event: type[FeaturesExtracted]
) -> FeaturesExtracted | Failure:
    """The row that a stored answer is published as: the same one however often it is published.

    Args:
        request: the request being answered now.
        question: what was asked.
        stored: the answer.
        bucket: name of the results bucket, where it is kept.
        event: the row's model, which has the record `features` (see `shared.features.features_event`).
    """
    uri = f"gs://{bucket}/{question.object_name(request.creative_id)}"
    if stored.reason:
        return _failure(request, question, stored, stored.reason, uri)
    return event.model_validate(
        {
            "event_id": request.event_id,
            "occurred_at": stored.answered_at,
            "creative_id": request.creative_id,
            "kind": request.kind,
            "answer_uri": uri,
            **request.model_dump(include={"uri", "content_type", "width", "height", "duration_s", "batch_id"}),
            "mode": stored.mode,
            "cost_usd": stored.cost_usd,
            "price_date": stored.price_date,
            "features": stored.features,
            "unusable_fields": stored.unusable,
            **dataclasses.asdict(question),
            **(dataclasses.asdict(stored.usage) if stored.usage else {}),
        }
    )


def _failure(request: Extraction, question: Question, stored: StoredAnswer, reason: Reason, uri: str) -> Failure:
    return Failure(
        event_id=request.event_id,
        occurred_at=stored.answered_at,
        stage="extract",
        reason=reason,
        detail=stored.detail or "no detail",
        creative_id=request.creative_id,
        uri=request.uri,
        answer_uri=uri,
        model=question.model,
        cost_usd=stored.cost_usd,
        kind=request.kind,
        batch_id=request.batch_id,
    )


def find_or_ask(
    bucket: "storage.Bucket",
    question: Question,
    request: Extraction,
    ask: Callable[[Replies], StoredAnswer],
    *,
    lease_s: float,
) -> StoredAnswer:
    """The stored answer to a question about a creative; where there is none, what `ask` says, stored before returned.

    A stored rejection holds for every delivery of the request it was given to, and until somebody asks for another
    extraction on purpose.

    Args:
        bucket: the results bucket.
        question: what is asked.
        request: about which creative.
        ask: makes the answer, going on after the replies of a call that broke off.
        lease_s: longer than `ask` may take.

    Raises:
        StillInProgressError: when the same is being asked elsewhere and takes its time.
        Exception: whatever `ask` raises; only its replies are kept then.
    """
    name = question.object_name(request.creative_id)

    def holds(content: bytes) -> bool:
        return _holds(StoredAnswer.model_validate_json(content), request)

    def work(earlier: Replies) -> bytes:
        stored = ask(earlier)
        _log_paid(request, question, stored)
        return stored.model_dump_json(indent=1).encode()

    replies = _replies(bucket, name, request)
    answer = shared.idempotency.run_idempotently(
        bucket,
        name,
        lambda _rejected: work(replies),
        lease_s=lease_s,
        fresh=holds,
        first=lambda: work(replace(replies, read=list, read_lost=int)),
    )
    return StoredAnswer.model_validate_json(answer)


def find(bucket: "storage.Bucket", question: Question, request: Extraction) -> StoredAnswer | None:
    """The stored answer that serves this request; None where it has to be asked for."""
    content = objects.read(bucket, question.object_name(request.creative_id)).content
    if content is None or shared.idempotency.is_lease(content):
        return None
    stored = StoredAnswer.model_validate_json(content)
    return stored if _holds(stored, request) else None


def _holds(stored: StoredAnswer, request: Extraction) -> bool:
    return not stored.reason or _is_about(request, stored.event_id)


def _is_about(request: Extraction, event_id: str) -> bool:
    """Whether what was kept for an event serves this request: one made on purpose wants to be answered anew."""
    return request.requested_by != "reextract" or request.event_id == event_id


def _replies(bucket: "storage.Bucket", name: str, request: Extraction) -> Replies:
    """What was sent before of what is asked now; more is kept beside it as soon as it is sent."""
    folder = f"replies/{name.removeprefix('answers/').removesuffix('.json')}"
    if request.requested_by == "reextract":
        folder += f"/{_UNSAFE.sub('_', request.event_id)}"

    def keep(said: list[bytes]) -> None:
        blob = bucket.blob(f"{folder}/{len(said)}")
        blob.upload_from_string(said[-1], "application/octet-stream", retry=DEFAULT_RETRY)

    def note(lost: int) -> None:
        blob = bucket.blob(f"{folder}/lost")
        blob.upload_from_string(str(lost), "text/plain", retry=DEFAULT_RETRY)

    return Replies(lambda: list(_kept(bucket, folder)), lambda: _lost(bucket, folder), keep, note)


def _lost(bucket: "storage.Bucket", folder: str) -> int:
    content = objects.read(bucket, f"{folder}/lost").content
    return int(content) if content else 0


def _kept(bucket: "storage.Bucket", folder: str) -> Iterator[bytes]:
    for turn in range(1, TURNS + 1):
        try:
            yield bucket.blob(f"{folder}/{turn}").download_as_bytes()
        except NotFound:
            return


def _log_paid(request: Extraction, question: Question, stored: StoredAnswer) -> None:
    """One line for the metric of money (infra/monitoring.tf), which wants a number: rows have the exact amount."""
    if stored.usage:
        log.info(
            "paid",
            stage="extract",
            event_id=request.event_id,
            creative_id=request.creative_id,
            model=question.model,
            mode=stored.mode,
            cost_usd=None if stored.cost_usd is None else float(stored.cost_usd),
        )
