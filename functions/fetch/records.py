"""What is known of a URL: the result of downloading it, kept in the results bucket, so that ads share one download.

A URL that fails by a transient fault has a record too: how often it was tried and from when on it may be tried again.
So the attempts are those at the URL, however many ads use it, and after the last of them the ads get a reason.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt

from functions.fetch.downloading import SiteUnavailableError
from functions.fetch.settings import FetchSettings
from functions.fetch.storing import Stored
from shared.idempotency import run_idempotently
from shared.reasons import Reason, Rejected
from shared.urls import WebUrl, redacted

if TYPE_CHECKING:
    from google.cloud import storage


class UrlRecord(BaseModel):
    """One of three: `stored`, or `reason` (refused for good), or neither (to be tried again).

    Attributes:
        url: redacted, for people who look at the record.
        made_at: when this came of it; None in records from before this was kept.
        valid_until: from then on the URL is tried again.
        attempts: how often it failed in a row by a transient fault.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    made_at: AwareDatetime | None = None
    valid_until: AwareDatetime
    stored: Stored | None = None
    reason: Reason | None = None
    detail: str = ""
    attempts: NonNegativeInt = 0


def object_name(url: WebUrl) -> str:
    """Where the record of a URL is kept."""
    return f"urls/{hashlib.sha256(str(url).encode()).hexdigest()}.json"


def shared_by_ads(
    bucket: "storage.Bucket",
    url: WebUrl,
    settings: FetchSettings,
    download: Callable[[], Stored],
    *,
    since: datetime | None = None,
) -> Stored:
    """What `download` stores of `url`, or stored for another ad before.

    Args:
        bucket: where records are kept.
        url: in its canonical form.
        settings: how long a record holds.
        download: stores what the URL leads to.
        since: what is remembered from before does not count; None where all that holds does.

    Raises:
        Rejected: when it was refused, now or lately.
        SiteUnavailableError: when it is to be tried again later.
        StillInProgressError: when it is being downloaded elsewhere.
    """
    name = object_name(url)

    def work(stale: bytes | None) -> bytes:
        earlier = UrlRecord.model_validate_json(stale).attempts if stale else 0
        return attempt(url, settings, earlier, download).model_dump_json(exclude_none=True).encode()

    fresh = partial(is_valid, since=since)
    return result(
        UrlRecord.model_validate_json(run_idempotently(bucket, name, work, lease_s=settings.fetch_lease_s, fresh=fresh))
    )


def attempt(url: WebUrl, settings: FetchSettings, earlier: int, download: Callable[[], Stored]) -> UrlRecord:
    """Downloads, and says what came of it; `earlier` attempts have failed."""
    record = partial(UrlRecord, url=redacted(str(url)), made_at=datetime.now(UTC))
    try:
        return record(valid_until=_in(settings.fetch_url_ttl_s), stored=download())
    except Rejected as rejection:
        reason, detail = rejection.reason, rejection.detail
    except SiteUnavailableError as error:
        attempts, detail = earlier + 1, str(error)
        if attempts < settings.fetch_attempts:
            pause_s = max(error.retry_after_s or 0, settings.fetch_backoff_s * 2**earlier)
            return record(valid_until=_in(pause_s), detail=detail, attempts=attempts)
        reason, detail = Reason.SITE_UNAVAILABLE, f"{detail} (attempt {attempts} of {settings.fetch_attempts})"
    return record(valid_until=_in(settings.fetch_failure_ttl_s), reason=reason, detail=detail)


def result(record: UrlRecord) -> Stored:
    """What a record means to an ad.

    Raises:
        Rejected: when the URL was refused.
        SiteUnavailableError: when it is to be tried again later.
    """
    if record.stored:
        return record.stored
    if record.reason:
        raise Rejected(record.reason, record.detail)
    raise SiteUnavailableError(f"{record.detail}; attempt {record.attempts}, the next one from {record.valid_until}")


def is_valid(data: bytes, since: datetime | None = None) -> bool:
    """Whether a record still holds, and was made after `since`."""
    record = UrlRecord.model_validate_json(data)
    remembered = since is None or (record.made_at is not None and record.made_at >= since)
    return remembered and record.valid_until > datetime.now(UTC)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
