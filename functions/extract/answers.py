"""The answers that were paid for: each is an object in the results bucket, written before anything is published.

    answers/<creative_id>/<feature model>-<its version>-<prompt version>-<extractor>-<model>.json

So a creative is asked about once per feature model, prompt, extractor and model, however often its event is delivered.
"""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from google.api_core.exceptions import NotFound
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

import shared.idempotency
from functions.extract.extractors.extractor import Answer, Replies, Unanswered, Usage
from shared import log, prices
from shared.events import Extraction, Failure, FeaturesExtracted
from shared.reasons import Reason

if TYPE_CHECKING:
    from google.cloud import storage

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
        raw: what the model said, unchanged.
        features: the validated answer; null when it was rejected.
    """

    model_config = ConfigDict(frozen=True)

    answered_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    event_id: str
    mode: Literal["standard", "batch", "flex"]
    usage: Usage | None
    cost_usd: Decimal | None
    price_date: str | None
    raw: str
    features: dict[str, object] | None = None
    reason: Reason | None = None
    detail: str | None = None


def answered(request: Extraction, question: Question, mode: prices.Mode, answer: Answer) -> StoredAnswer:
    """The record of an answer, priced as of now."""
    return _priced(request, question, mode, answer.usage, answer.raw).model_copy(
        update={"features": answer.features.model_dump(mode="json")}
    )


def unanswered(request: Extraction, question: Question, mode: prices.Mode, refusal: Unanswered) -> StoredAnswer:
    """The record of a call that was paid for and gave nothing that can be used, priced as of now."""
    return _priced(request, question, mode, refusal.usage, refusal.raw).model_copy(
        update={"reason": refusal.reason, "detail": refusal.detail}
    )


def _priced(request: Extraction, question: Question, mode: prices.Mode, usage: Usage | None, raw: str) -> StoredAnswer:
    now = datetime.now(UTC)
    price = prices.cost(question.model, mode, usage, now.date()) if usage else None
    return StoredAnswer(
        answered_at=now,
        event_id=request.event_id,
        mode=mode,
        usage=usage,
        cost_usd=price.usd if price else (None if usage else Decimal(0)),
        price_date=price.valid_from.isoformat() if price else None,
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
            "mode": stored.mode,
            "cost_usd": stored.cost_usd,
            "price_date": stored.price_date,
            "features": stored.features,
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
        stored = StoredAnswer.model_validate_json(content)
        return not stored.reason or _is_about(request, stored.event_id)

    def work(_rejected: bytes | None) -> bytes:
        stored = ask(_replies(bucket, name, request))
        _log_paid(request, question, stored)
        return stored.model_dump_json(indent=1).encode()

    return StoredAnswer.model_validate_json(
        shared.idempotency.run_idempotently(bucket, name, work, lease_s=lease_s, fresh=holds)
    )


def _is_about(request: Extraction, event_id: str) -> bool:
    """Whether what was kept for an event serves this request: one made on purpose wants to be answered anew."""
    return request.requested_by != "reextract" or request.event_id == event_id


class _Unfinished(BaseModel):
    """Replies that were paid for and are no answer yet: what a call that broke off left behind."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    replies: list[str]


def _replies(bucket: "storage.Bucket", name: str, request: Extraction) -> Replies:
    """What was said before of what is asked now; more is kept beside the answer's place as soon as it is said."""
    blob = bucket.blob(f"unfinished/{name}")

    def keep(said: list[str]) -> None:
        unfinished = _Unfinished(event_id=request.event_id, replies=said)
        blob.upload_from_string(unfinished.model_dump_json(), "application/json")

    try:
        found = _Unfinished.model_validate_json(blob.download_as_bytes())
    except NotFound:
        return Replies(keep=keep)
    return Replies(found.replies if _is_about(request, found.event_id) else [], keep)


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
