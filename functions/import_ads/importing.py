"""An import: each raw ad that nobody has published yet is published, once.

One import runs at a time. It ends after `import_seconds`, wherever it is, and the next one goes on: what was taken is a
claim (claims.py), what was not is still unseen.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from functions.import_ads import changes, claims, history, rawads
from functions.import_ads.claims import Claim, Link
from functions.import_ads.settings import ImportSettings
from shared import partitions
from shared.idempotency import run_idempotently

if TYPE_CHECKING:
    from google.cloud import bigquery, storage

LEASE = "leases/import_ads"
LEASE_MARGIN_S = 120.0  # an import that has come to its end may still wait for one publish, which takes 60 s at most
LOST_AFTER = timedelta(days=8)  # Pub/Sub keeps for 7 days what it cannot deliver (infra/pipeline.yaml)

_NAMES_OF_ITEM = len('{"ad_id":,"url":}')

type Publish = Callable[[bytes], object]
"""Publishes a batch message, and returns when Pub/Sub has accepted it."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes:
        published: ads, one for each of their URLs.
        batches: messages that they were published in.
        skipped: ads that were published before and have not reached their table yet.
        finished: whether everything new was read; the next import goes on where this one ended.
        rests: whether nothing was read, because reading costs more than `import_usd_a_day` allows since the last time.
    """

    published: int
    batches: int
    skipped: int
    finished: bool
    rests: bool = False


def run(
    settings: ImportSettings,
    tables: "bigquery.Client",
    results: "storage.Bucket",
    publish: Publish,
    *,
    now: bool = False,
) -> ImportReport:
    """Imports what is new.

    Args:
        settings: what to read, and how much of it.
        tables: where the raw ads and the table `ads` are.
        results: the bucket that keeps the claims.
        publish: to `url-batches`.
        now: whether somebody asks for it, so that it does not rest for what reading costs.

    Raises:
        StillInProgressError: when another import is under way; it does the work.
        Exception: of a client; the next import goes on where this one was.
    """
    reports: list[ImportReport] = []

    def work(_last_report: bytes | None) -> bytes:
        reports.append(_import(settings, tables, results, publish, now=now))
        return str(reports[0]).encode()

    run_idempotently(
        results, LEASE, work, lease_s=settings.import_seconds + LEASE_MARGIN_S, wait_s=0, fresh=lambda _: False
    )
    return reports[0]


def _import(
    settings: ImportSettings, tables: "bigquery.Client", results: "storage.Bucket", publish: Publish, *, now: bool
) -> ImportReport:
    end = time.monotonic() + settings.import_seconds
    waiting = _without_arrived(settings, tables, results)
    published = [claim for claim in waiting if not claim.published]  # a crash came between their claim and now
    for claim in published:
        _publish(results, claim, publish)
    noted = changes.noted(results)
    description = changes.description(tables, settings)  # before they are read: see `_query`
    if description and description == noted.state.description:  # each link is a row, or on its way
        return _report(published, sum(claim.size for claim in waiting), finished=True)
    table = tables.get_table(settings.raw_ads)
    found = changes.found(tables, settings, table, description).after(noted)
    reading = _reading(settings, table, found, noted.state)
    if not now and _rests(tables, settings, reading.query, noted):
        return _report(published, 0, finished=False, rests=True)
    on_their_way = {claims.key(link) for claim in waiting for link in claims.links(results, claim)}
    skipped = 0
    for links in batched(rawads.unseen(tables, settings, reading.query), settings):
        if time.monotonic() > end:
            return _report(published, skipped, finished=False)
        new = [link for link in links if claims.key(link) not in on_their_way]
        skipped += len(links) - len(new)
        taken = claims.take(results, new) if new else None
        if taken:
            _publish(results, taken, publish)
            published.append(taken)
    changes.note(results, _counted(tables, settings, found, reading))
    return _report(published, skipped, finished=True)


@dataclass(frozen=True)
class _Reading:
    """How the raw ads are read that may be new.

    Attributes:
        where: the condition on them.
        since: none of them was published before, unless they are repeated; None where that is not known.
        beside: the condition on raw ads before them that were all published; None where there are none.
        query: all of it.
    """

    where: str
    since: datetime | None
    beside: str | None
    query: str


def _reading(
    settings: ImportSettings, table: "bigquery.Table", found: changes.State, before: changes.State
) -> _Reading:
    """All of the raw ads, or the partitions that are not what they were.

    What changes after `found` was told is another partition next time, whether or not it is read now.
    """
    now = datetime.now(UTC)
    changed = found.changed_since(before)
    narrow = None if changed is None else partitions.condition(table, changed, now)
    where = narrow or partitions.every(table)
    if not before.linked:
        return _Reading(where, None, None, rawads.unseen_text(settings, where))
    if not narrow or changed is None or found.partitions is None or before.partitions is None:
        return _Reading(where, None, None, rawads.newer_text(settings, where))
    since = history.since(table, found.partitions, found.came, changed, now)
    beside = history.beside(table, found.partitions, before.partitions, changed, now) if since else None
    if not found.repeats:
        query = rawads.newer_text(settings, where, since)
    elif beside and not found.repeats_others:
        query = rawads.newer_text(settings, where, since, beside)
    else:
        query = rawads.newer_text(settings, where)
    return _Reading(where, since, beside, query)


def _counted(
    tables: "bigquery.Client", settings: ImportSettings, found: changes.State, reading: _Reading
) -> changes.State:
    """What is noted when all has been read: what bounds the next reading is asked where it is not known."""
    now = datetime.now(UTC)
    if not found.linked:
        return replace(found, linked=rawads.all_linked(tables, settings))
    if reading.since is None or not history.is_due(found.counted_at, now):
        return found
    repeats, others = history.repeats(tables, settings, reading.where, reading.since, reading.beside)
    return replace(found, counted_at=now.isoformat(), repeats=repeats, repeats_others=others)


def _rests(tables: "bigquery.Client", settings: ImportSettings, query: str, noted: changes.Noted) -> bool:
    """Whether reading now would cost more than a day's share since the last time."""
    usd = rawads.usd_of(tables, settings, query)
    return datetime.now(UTC) < noted.rests_until(usd, settings.import_usd_a_day)


def _without_arrived(settings: ImportSettings, tables: "bigquery.Client", results: "storage.Bucket") -> list[Claim]:
    """The claims that are still needed; those whose ads are rows by now, or never will be, are dropped."""
    outstanding = list(claims.outstanding(results))
    if not outstanding:
        return []
    since = min(claim.taken_at for claim in outstanding) - timedelta(hours=1)
    ads = rawads.arrived(tables, settings, [claim.batch_id for claim in outstanding], since)
    now = datetime.now(UTC)
    arrived = {claim for claim in outstanding if ads.get(claim.batch_id, 0) >= claim.size}
    lost = {claim for claim in outstanding if claim not in arrived and is_lost(claim, now)}
    if lost:
        changes.forget(results)  # their ads have to be read again, whatever comes in between
    for claim in arrived | lost:
        claims.drop(results, claim)
    return [claim for claim in outstanding if claim not in arrived | lost]


def is_lost(claim: Claim, now: datetime) -> bool:
    """Whether the claim's message is gone for good, so that its ads have to be read again."""
    return claim.published and now - claim.taken_at > LOST_AFTER


def batched(links: Iterable[Link], settings: ImportSettings) -> Iterator[list[Link]]:
    """The links in lists that fit into a message each."""
    batch: list[Link] = []
    size = 0
    for link in links:
        bytes_of_link = len(claims.as_json(link)) + _NAMES_OF_ITEM
        full = len(batch) == settings.import_items_per_batch or size + bytes_of_link > settings.import_bytes_per_batch
        if batch and full:
            yield batch
            batch, size = [], 0
        batch.append(link)
        size += bytes_of_link
    if batch:
        yield batch


def _publish(results: "storage.Bucket", claim: Claim, publish: Publish) -> None:
    publish(claims.message(results, claim))
    claims.mark_published(results, claim)


def _report(published: list[Claim], skipped: int, *, finished: bool, rests: bool = False) -> ImportReport:
    return ImportReport(sum(claim.size for claim in published), len(published), skipped, finished, rests)
