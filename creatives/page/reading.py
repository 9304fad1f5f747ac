"""What the page polls: the report and how far the stages are, read no more often than they need to be."""

import hashlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.cloud import bigquery, storage
from pydantic import BaseModel
from werkzeug.exceptions import ServiceUnavailable

from creatives.operations.tables import Tables
from creatives.report import data as report_data
from creatives.report import page
from creatives.report.model import ReportData
from local.pubsub import status
from shared import features
from shared.wiring import Pipeline

LEAST_S = 2.0
_FOLDER = Path(__file__).parent


class Kept[T]:
    """What a slow reading told, kept for `least_s` seconds, and three times as long as reading takes: a quarter of the
    time at most goes to looking, so that what is looked at has the machine.

    Whoever asks while somebody else's reading is under way gets that one's.

    Attributes:
        changed_at: when a reading first told what the newest tells, by the clock.
    """

    def __init__(self, read: Callable[[], T], least_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._least_s = least_s
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[T, float, float] | None = None  # with when it was begun, and until when it is kept
        self._closed = False
        self.changed_at = -math.inf

    def close(self) -> None:
        """Waits for a reading that is under way, and has none begun after it: what is read from may then be stopped."""
        with self._lock:
            self._closed = True

    def forget(self) -> None:
        """Something changed that a reading would tell: the next is a new one."""
        with self._lock:
            self._kept = None

    def get(self, since: float = -math.inf) -> T:
        """The newest reading that is allowed; in any case one that was begun after `since`.

        Raises:
            ServiceUnavailable: once it is closed.
            Exception: the reading's own; nothing is kept then.
        """
        with self._lock:
            if self._closed:
                raise ServiceUnavailable("the pipeline stops")
            begun = self._clock()
            if self._kept and begun < self._kept[2] and since < self._kept[1]:
                return self._kept[0]
            found = self._read()
            ended = self._clock()
            if not self._kept or self._kept[0] != found:
                self.changed_at = ended
            self._kept = found, begun, ended + max(self._least_s, 3 * (ended - begun))
            return found


@dataclass(frozen=True)
class Counted:
    """What the dataset tells: its ads by status, which of those asked for it has, and how much else it was told."""

    counts: Mapping[str, int]
    known: Iterable[str]
    told: int = 0


@dataclass(frozen=True)
class Dataset:
    """The dataset that the page shows.

    Attributes:
        client: of BigQuery.
        storage_client: of Cloud Storage.
        name: of the dataset, in the client's project.
        cache: a folder for small pictures.
        model: the feature model.
    """

    client: bigquery.Client
    storage_client: storage.Client
    name: str
    cache: Path
    model: type[BaseModel] = features.ImageFeatures

    def report(self) -> "Report":
        """All that the page shows."""
        found = report_data.read(
            self.client,
            self.client.project,
            self.name,
            self.storage_client,
            cache=self.cache / self.client.project,
            model=self.model,
        )
        # When it was read is no news by itself.
        told = page.as_json(found.model_copy(update={"generated_at": datetime.min.replace(tzinfo=UTC)}))
        return Report(found, page.as_json(found), hashlib.sha256(told.encode()).hexdigest())

    def counted(self, keys: Sequence[str]) -> Counted:
        """How many ads there are of each status, and which of the keys (`following.short_key_of`) are of such."""
        rows = self._query("counted", _texts("keys", keys)) if keys else self._query("counts")
        counts = {row["status"]: row["ads"] for row in rows}
        (told,) = self._query("told")
        return Counted(counts, {key for row in rows for key in row.get("known") or ()}, told["told"])

    def answer_uri(self, creative_id: str) -> str | None:
        """Where the model's answer about a creative, or about its canonical, is stored."""
        found = self._query("answer", bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id))
        return next((row["answer_uri"] for row in found), None)

    def file(self, creative_id: str) -> tuple[str, str] | None:
        """Where a picture or video is stored and what kind of file it is; None of what no browser shows."""
        found = self._query("file", bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id))
        return next(((row["uri"], row["content_type"]) for row in found), None)

    def ads(self, keys: Sequence[str]) -> list[bigquery.Row]:
        """What became of the ads that have these keys."""
        return self._query("status", _texts("keys", keys))

    @property
    def tables(self) -> Tables:
        """The dataset, as the commands ask it."""
        return Tables(self.client, f"{self.client.project}.{self.name}")

    def _query(
        self, name: str, *parameters: bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter
    ) -> list[bigquery.Row]:
        dataset = f"{self.client.project}.{self.name}"
        config = bigquery.QueryJobConfig(default_dataset=dataset, query_parameters=[*parameters])
        return list(self.client.query_and_wait((_FOLDER / f"{name}.sql").read_text(), job_config=config))


def _texts(name: str, values: Sequence[str]) -> bigquery.ArrayQueryParameter:
    return bigquery.ArrayQueryParameter(name, "STRING", values)


@dataclass(frozen=True)
class Report:
    """A report, as JSON too, with a tag that tells it from one with other contents."""

    data: ReportData
    json: str
    tag: str


def waiting(wired: Pipeline, status_url: str | None) -> Mapping[str, dict[str, int]]:
    """What each function has still to do; empty where Pub/Sub does not tell (Google's emulator)."""
    found: Counter[str] = Counter()
    subscriptions = status.read(status_url).subscriptions if status_url else {}
    for name, subscription in wired.push_subscriptions.items():
        if name in subscriptions:
            found[subscription.function] += subscriptions[name].outstanding
    return {function: {"waiting": count} for function, count in found.items()}
