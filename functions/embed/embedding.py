"""Vectors of creatives: shown, asked for once, paid for once, told as often as nobody has seen them in the table.

    embeddings/<creative_id>/<model>-<dimensions>-<when the features were said>.json
    embeddings/<the same>/lost, the number of calls that may have been paid for and brought no whole reply
    embeddings/nothing-lacks.json, what the tables were when a tick had nothing to do

The object is there before the row is, so that a tick that is delivered again, or finds the row still on its way, asks
for nothing. What a creative says is data: nothing here is told to a model as what to do.
"""

import contextvars
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from threading import Event as Signal
from typing import TYPE_CHECKING

import httpx2
from google import genai
from google.genai import errors
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from functions.embed import due, expected, words
from functions.embed.due import Answered
from functions.embed.settings import EmbedSettings
from shared import clients, described, idempotency, log, objects, prices, youtube
from shared.events import Embedding, Event, Extraction, Kind, WaitReason
from shared.media.creative import Creatives
from shared.models import embedding, gemini
from shared.models.backoff import Backoff, Deadline
from shared.models.budget import Budget, MustWaitError, require_price
from shared.models.embedding import Meant
from shared.models.faults import MISCONFIGURED, LostReplyError, MisconfiguredError, NoReplyError
from shared.models.gemini import Fate
from shared.models.trial import picture
from shared.reasons import Reason, Rejected
from shared.singleton import Singleton

if TYPE_CHECKING:
    from google.cloud import bigquery, storage

AT_ONCE = 4
"""Calls under way: a call waits for the service, and what is shown of a creative is made by one process at a time."""

_MOST_LOST = 2  # calls that may have been paid for and brought nothing, for one creative
_MOST_DETAIL = 2000
_LEASE_S = 300.0  # longer than one creative takes
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")
_NOTHING_LACKS = "embeddings/nothing-lacks.json"
_MAY_PASS = (
    errors.APIError,
    httpx2.TransportError,
    LostReplyError,
    NoReplyError,
    idempotency.StillInProgressError,
)


class StoredVector(BaseModel):
    """What is kept of one: the vector, or why there is none. A rejection after a call cost money, too."""

    model_config = ConfigDict(frozen=True)

    made_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    asked: bool = False
    vector: tuple[float, ...] = ()
    input_tokens: int | None = None
    cost_usd: Decimal | None = None
    price_date: str | None = None
    reason: Reason | None = None
    detail: str | None = None


class Dependencies:
    """What an instance works with.

    Attributes:
        settings: of this process.
        model: that is asked.
        bucket: where vectors are kept, and the budget.
        client: of the model's service.
    """

    def __init__(
        self, settings: EmbedSettings, tables: "bigquery.Client", storage: "storage.Client", client: genai.Client
    ) -> None:
        require_price(settings, settings.chosen_model or "")
        self.settings = settings
        self.model = settings.chosen_model or ""
        self.tables = tables
        self.bucket = storage.bucket(settings.results_bucket)
        self.creatives = Creatives(storage)
        self.client = client
        self.budget = Budget(self.bucket, daily_usd=settings.daily_budget_usd, batch_usd=settings.batch_budget_usd)
        self.refuses_ours = Singleton(partial(_refuses_ours, self))

    @classmethod
    def of(cls, settings: EmbedSettings) -> "Dependencies":
        """Those that the settings name, by this process's clients."""
        project = settings.google_cloud_project
        return cls(settings, clients.bigquery_client(project), clients.storage_client(project), gemini.client(settings))


def lacking(deps: Dependencies) -> Iterator[Event]:
    """The vectors that are lacking, as far as the tick's time and the money go.

    Raises:
        GoogleAPIError: the client's, when the tables cannot be read.
    """
    description = _description(deps)
    kept = objects.read(deps.bucket, _NOTHING_LACKS)
    if description and kept.content == description.encode():
        return
    creatives = list(due.due(deps.tables, deps.settings))
    yield from made(deps, creatives)
    if description and not creatives:
        objects.replace(deps.bucket, _NOTHING_LACKS, description.encode(), kept.generation)


def made(deps: Dependencies, creatives: Sequence[Answered]) -> Iterator[Embedding]:
    """The rows of these creatives, but for those that a later tick has to see to."""
    deps.refuses_ours.forget()  # what was mended since shall be found out
    tick = _Tick(deps)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        here = [partial(contextvars.copy_context().run, tick.embedded, each) for each in creatives]
        yield from filter(None, pool.map(lambda call: call(), here))
    log.info("embedded", stage="embed", due=len(creatives), made=tick.made, left=len(creatives) - tick.made)


def _description(deps: Dependencies) -> str | None:
    dataset = deps.settings.full_dataset
    read = [f"{dataset}.{name}" for name in ("features", "embeddings", "current_matches")]
    return described.description(deps.tables, read, deps.model, str(deps.settings.embedding_dimensions))


class _Tick:
    """One tick: when it ends, and whether going on is of no use."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._ends = time.monotonic() + deps.settings.embed_timeout_s
        self._stopped = Signal()
        self.made = 0

    def embedded(self, answered: Answered) -> Embedding | None:
        """The creative's row; None where a later tick has to see to it."""
        if self._stopped.is_set() or time.monotonic() > self._ends:
            return None
        try:
            made = embed(self._deps, answered)
        except MustWaitError as must:
            if must.wait.reason is WaitReason.DAILY_BUDGET:
                self._stopped.set()
            log.info("put aside", stage="embed", creative_id=answered.creative_id, reason=must.wait.reason)
        except MisconfiguredError as error:
            self._stopped.set()
            log.error(f"{MISCONFIGURED}: {error}", stage="embed", model=self._deps.model)
        except _MAY_PASS as error:
            log.warning("left to a later tick", stage="embed", creative_id=answered.creative_id, why=str(error))
        else:
            self.made += 1
            return made
        return None


def embed(deps: Dependencies, answered: Answered) -> Embedding:
    """The row of a creative: the same one however often it is made.

    Raises:
        MustWaitError: when a budget is spent.
        MisconfiguredError: when the service refuses us, whatever we ask about.
        Exception: any other fault, which may pass.
    """
    name = _object_name(deps, answered)
    content = idempotency.run_idempotently(deps.bucket, name, lambda _: _made(deps, answered, name), lease_s=_LEASE_S)
    stored = StoredVector.model_validate_json(content)
    return Embedding(
        event_id=answered.event_id,
        occurred_at=stored.made_at,
        creative_id=answered.creative_id,
        kind=answered.kind,
        model=deps.model,
        dimensions=deps.settings.embedding_dimensions,
        answered_at=answered.occurred_at,
        batch_id=answered.batch_id,
        answer_uri=f"gs://{deps.bucket.name}/{name}" if stored.asked else None,
        **stored.model_dump(include={"vector", "input_tokens", "cost_usd", "price_date", "reason", "detail"}),
    )


def _object_name(deps: Dependencies, answered: Answered) -> str:
    model = _UNSAFE.sub("_", deps.model)
    said = f"{answered.occurred_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
    return f"embeddings/{answered.creative_id}/{model}-{deps.settings.embedding_dimensions}-{said}.json"


def _made(deps: Dependencies, answered: Answered, name: str) -> bytes:
    """What is kept of a creative, shown and asked about."""
    lost = _Lost(deps.bucket, f"{name.removesuffix('.json')}/lost")
    try:
        stored = _asked(deps, answered, _meant(deps, answered), lost)
    except Rejected as refusal:
        stored = StoredVector(asked=lost.calls > 0, reason=refusal.reason, detail=refusal.detail[:_MOST_DETAIL])
    return stored.model_dump_json().encode()


def _meant(deps: Dependencies, answered: Answered) -> Meant:
    """What the vector is made of: what is seen of the creative, and what its features say.

    Raises:
        Rejected: when the file is gone or damaged, or there is neither.
    """
    meant = Meant(words.said(answered.features, expected.MOST_CHARACTERS), tuple(_pictures(deps.creatives, answered)))
    if not (meant.words or meant.pictures):
        raise Rejected(Reason.VIDEO_PLATFORM_PAGE, "it is no file of ours, and no words are said of it")
    return meant


def _pictures(creatives: Creatives, answered: Answered) -> Iterator[bytes]:
    """JPEGs of it: a picture, some of a film, none of what is not ours."""
    if answered.uri is None or answered.content_type is None or youtube.is_address(answered.uri):
        return
    fields = {"event_id", "creative_id", "kind", "uri", "content_type", "duration_s"}
    request = Extraction.model_validate(answered.model_dump(include=fields))
    if answered.kind is Kind.IMAGE:
        yield creatives.shown_image(request, "medium")
        return
    seconds = expected.seconds(answered.duration_s or 0.0)
    yield from (frame.jpeg for frame in creatives.shown_frames(request, "medium", seconds).frames)


class _Lost:
    """How many calls about a creative may have been paid for and brought no whole reply."""

    def __init__(self, bucket: "storage.Bucket", name: str) -> None:
        self._bucket, self._name = bucket, name
        kept = objects.read(bucket, name)
        self._generation = kept.generation
        self.calls = int(kept.content) if kept.content else 0

    def add(self) -> None:
        """Notes that one more was lost."""
        self.calls += 1
        objects.replace(self._bucket, self._name, str(self.calls).encode(), self._generation)


def _asked(deps: Dependencies, answered: Answered, meant: Meant, lost: _Lost) -> StoredVector:
    """The vector, within the budget, and what it cost."""
    if lost.calls >= _MOST_LOST:
        detail = f"{lost.calls} calls brought no whole reply and may have been paid for"
        raise Rejected(Reason.REPLY_LOST, detail)
    now = datetime.now(UTC).date()
    likely = prices.cost(deps.model, "standard", meant.expected_usage, now)
    with deps.budget.reserved(answered, likely.usd if likely else None) as spending:
        try:
            reply = _reply(deps, meant)
        except LostReplyError:
            spending.usd = None  # nobody knows
            lost.add()
            raise
        took = embedding.usage(reply, meant)
        price = prices.cost(deps.model, "standard", took, now)
        spending.usd = price.usd if price else None
    stored = StoredVector(
        asked=True,
        input_tokens=took.input_tokens,
        cost_usd=price.usd if price else None,
        price_date=price.valid_from.isoformat() if price else None,
    )
    _log_paid(deps, answered, stored)
    try:
        vector = embedding.read(reply, deps.settings.embedding_dimensions)
    except Rejected as refusal:
        return stored.model_copy(update={"reason": refusal.reason, "detail": refusal.detail[:_MOST_DETAIL]})
    return stored.model_copy(update={"vector": vector})


def _reply(deps: Dependencies, meant: Meant) -> bytes:
    """The service's reply.

    Raises:
        Rejected: when it refuses this creative, and not one of our own.
    """
    try:
        return _called(deps, meant)
    except errors.APIError as error:
        said = f"{error.code} {error.status}: {error.message}"[:500]
        match gemini.fate(error):
            case Fate.AGAIN:
                raise
            case Fate.REFUSED if not deps.refuses_ours():
                raise Rejected(Reason.REFUSED_BY_MODEL, said) from error
        raise MisconfiguredError(said) from error


def _called(deps: Dependencies, meant: Meant) -> bytes:
    """One call, made again while its fault may pass."""
    deadline = Deadline(deps.settings.call_timeout_s)

    def call() -> bytes:
        within_s = deadline.for_a_call(deps.settings.call_timeout_s)
        return embedding.ask(deps.client, deps.model, deps.settings.embedding_dimensions, meant, within_s)

    return Backoff(first_pause_s=deps.settings.retry_pause_s).call(call, gemini.asked_pause, deadline)


def _refuses_ours(deps: Dependencies) -> bool:
    """Whether a picture and words of our own are refused as well: then no creative is failed for that."""
    try:
        _called(deps, Meant("hello", (picture(),)))
    except errors.APIError as error:
        if gemini.fate(error) is Fate.AGAIN:
            raise
        return True
    return False


def _log_paid(deps: Dependencies, answered: Answered, stored: StoredVector) -> None:
    """One line for the metric of money (infra/monitoring.tf), which wants a number: rows have the exact amount."""
    log.info(
        "paid",
        stage="embed",
        event_id=answered.event_id,
        creative_id=answered.creative_id,
        model=deps.model,
        cost_usd=None if stored.cost_usd is None else float(stored.cost_usd),
    )
