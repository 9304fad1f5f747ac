"""`creatives analyze` without its terminal: feed the running pipeline, wait until every ad is settled, report."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from creatives.analysis import causes, inputs, results
from creatives.analysis.inputs import Feed, File
from creatives.analysis.results import AdResult, Far, Key, Status
from creatives.results import loading
from local.pubsub import status
from local.running import Running
from shared import clients

if TYPE_CHECKING:
    from google.cloud import bigquery, storage

POLL_S = 0.25
# With so many messages under way it is asked once a second at most: it cannot be over before.
MANY = 300
# While anything is under way it is asked this seldom how far that is, and for no more than this part of the time.
READ_S = 3.0
READ_SHARE = 0.25
# An ad that still waits when no message has been under way for so long waits for something else: money, a person.
IDLE_S = 5.0
# Once the log says that the model cannot be used, what gets further without it is waited for, no longer than this.
MISCONFIGURED_S = 10.0


@dataclass(frozen=True)
class Watched:
    """What is waited for: per ad, how it is named to the user and how the view names it."""

    ad_id: str
    shown_source: str | None
    source: str | None


@dataclass(frozen=True)
class Listener:
    """Who is told how far it is.

    Attributes:
        handed_in: called with how many more ads have been uploaded or published, or need not be.
        read: called now and then, with how far they are.
    """

    handed_in: Callable[[int], object]
    read: Callable[[Far], object]


def analyze(running: Running, feed: Feed, *, limit_s: float, listener: Listener) -> list[AdResult]:
    """Feeds what is not settled yet and waits for it, at most `limit_s` seconds without any progress."""
    project = running.variables["GOOGLE_CLOUD_PROJECT"]
    dataset = running.variables["DATASET"]
    bucket = clients.storage_client(project).bucket(running.variables["CREATIVES_BUCKET"])
    client = clients.bigquery_client(project)
    watched = _watched(feed, bucket)
    settled = _settled(results.fetch(client, dataset, [(each.ad_id, each.source) for each in watched]))
    log = running.data / "logs" / "functions.log"
    said_before = causes.length(log)
    _feed(running, feed, bucket, settled, listener)
    loading.load(client, f"{project}.{dataset}", feed.results)
    watch = _Watch(limit_s, lambda: causes.misconfigured(log, said_before))
    found = _wait(running, client, watched, watch, listener)
    if feed.results:
        measure(running)
    return found


def _watched(feed: Feed, bucket: "storage.Bucket") -> list[Watched]:
    files = [Watched(file.ad_id, file.ad_id, inputs.uri(bucket, file)) for file in feed.files]
    return files + [Watched(ad.ad_id, ad.url, ad.url) for ad in feed.urls]


def _settled(found: Mapping[Key, AdResult]) -> set[Key]:
    return {key for key, result in found.items() if result.status is not Status.PENDING}


def _feed(running: Running, feed: Feed, bucket: "storage.Bucket", settled: set[Key], listener: Listener) -> None:
    for file in feed.files:
        if not _is_settled(file, bucket, settled):
            running.require_working()
            inputs.upload(bucket, file)
        listener.handed_in(1)
    urls = [ad for ad in feed.urls if (ad.ad_id, ad.url) not in settled]
    listener.handed_in(len(feed.urls) - len(urls))
    if urls:
        project = running.variables["GOOGLE_CLOUD_PROJECT"]
        inputs.publish(clients.publisher_client(), project, urls, listener.handed_in)


def measure(running: Running) -> None:
    """Has it measured what works, once all results are rows, and waits for that."""
    settle(running)
    loading.ask_to_measure(clients.publisher_client(), running.variables["GOOGLE_CLOUD_PROJECT"])
    settle(running)


def settle(running: Running, *, limit_s: float = 600) -> None:
    """Waits until no message is under way; not at all where the Pub/Sub server does not tell (Google's emulator)."""
    end = time.monotonic() + limit_s
    while outstanding_messages(running.variables.get("PUBSUB_STATUS_URL")) and time.monotonic() < end:
        running.require_working()
        time.sleep(POLL_S)


def _is_settled(file: File, bucket: "storage.Bucket", settled: set[Key]) -> bool:
    return (file.ad_id, inputs.uri(bucket, file)) in settled and inputs.is_uploaded(bucket, file)


def _wait(
    running: Running, client: "bigquery.Client", watched: Sequence[Watched], watch: "_Watch", listener: Listener
) -> list[AdResult]:
    while True:
        running.require_working()
        outstanding = outstanding_messages(running.variables.get("PUBSUB_STATUS_URL"))
        if watch.is_time_to_read(outstanding):
            current = None if outstanding else _read(client, running.variables["DATASET"], watched)
            far = _far(client, running.variables["DATASET"], watched, current)
            listener.read(far)
            if watch.is_over(far, outstanding):
                return current or _read(client, running.variables["DATASET"], watched)
        time.sleep(POLL_S if (outstanding or 0) < MANY else 1.0)


def _far(
    client: "bigquery.Client", dataset: str, watched: Sequence[Watched], current: Sequence[AdResult] | None
) -> Far:
    """How far the ads are; the view, which takes ten times as long, is read when nothing is under way."""
    if current is not None:
        return Far.of(result.status for result in current)
    return results.how_far(client, dataset, [(each.ad_id, each.source) for each in watched])


class _Watch:
    """When to read what became of the ads, and when to stop waiting."""

    def __init__(self, limit_s: float, misconfigured: Callable[[], bool] = lambda: False) -> None:
        self._limit_s = limit_s
        self._misconfigured = misconfigured
        self._progress_at = time.monotonic()
        self._idle_since: float | None = None
        self._read_at = float("-inf")
        self._pause_s = READ_S
        self._before: Far | None = None

    def is_time_to_read(self, outstanding: int | None) -> bool:
        """Whether nothing is under way any more, or the last reading was long ago."""
        now = time.monotonic()
        if outstanding != 0:
            self._idle_since = None
            if now - self._read_at < self._pause_s:
                return False
        self._read_at = now
        return True

    def is_over(self, far: Far, outstanding: int | None) -> bool:
        """Whether all is settled, or waits for something that no message brings, or nothing has moved for too long."""
        now = time.monotonic()
        self._pause_s = max(READ_S, (now - self._read_at) / READ_SHARE)
        if far != self._before:
            self._before, self._progress_at = far, now
        if outstanding is None and far.settled == far.ads:
            return True
        if outstanding != 0:
            still_s = now - self._progress_at
            return still_s > self._limit_s or (still_s > MISCONFIGURED_S and self._misconfigured())
        idle_s = now - self._idle_since if self._idle_since else 0.0
        self._idle_since = self._idle_since or now
        return far.settled == far.ads or idle_s > IDLE_S


def _read(client: "bigquery.Client", dataset: str, watched: Sequence[Watched]) -> list[AdResult]:
    found = results.fetch(client, dataset, [(each.ad_id, each.source) for each in watched])
    shown = []
    for each in watched:
        result = found.get((each.ad_id, each.source), AdResult(ad_id=each.ad_id, source=each.source))
        shown.append(result.model_copy(update={"source": each.shown_source}))
    return shown


def outstanding_messages(status_url: str | None) -> int | None:
    """How many messages wait or are under way; None where the Pub/Sub server does not tell (Google's emulator).

    One where it does not answer in time: on a machine that is too busy for that, something is under way.
    """
    if status_url is None:
        return None
    import httpx2

    try:
        return status.read(status_url).outstanding
    except httpx2.TimeoutException:
        return 1
