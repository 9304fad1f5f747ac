"""A year of imports, a day in a few seconds: is each raw ad published, how often twice, and what a day bills.

    python -m benchmarks.year [--days 365] [--repeating]

Raw ads have a partition a day. Each day brings new ads at two ticks; rows that are there already; rows of the week
before, and once a month of any day; addresses that are corrected; messages that arrive twice, or a tick late; and
imports that break off. `--repeating`: and the rows of the day before. After each day all links of the raw ads have to
be published.

Billed are the columns of the rows that a statement reads, as in `bill.py`, as if a day had a million ads and a tick
every quarter of an hour. The margin of a day (functions/import_ads/history.py) is as long as days are here, and what
is repeated is counted every ten of them.
"""

import argparse
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from benchmarks import bill, lookup
from functions.import_ads import history, importing
from functions.import_ads.claims import Link
from functions.import_ads.settings import ImportSettings
from local import bigquery as bigquery_server
from local import dataset, ports
from local import storage as storage_server
from shared import batches, wiring
from shared.bill import usd as usd_of
from shared.events import Ad

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ADS, TICKS, TICKS_A_DAY = 40, 2, 96
BUCKET = "results"
READING = re.compile(r"` AS raw\n[\s\S]*?\n *WHERE (.*)")
SINCE = re.compile(r"occurred_at >= TIMESTAMP '([^']+)'")


class BrokenOffError(Exception):
    """The instance is gone."""


class Listening(bigquery.Client):
    """A client that remembers what was asked of the raw ads."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(
            project=lookup.PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
        )
        self.asked: list[str] = []

    def query(self, query: str, *args: Any, **more: Any) -> bigquery.QueryJob:  # noqa: ANN401 - the client's
        """As the client does."""
        config = more.get("job_config")
        if READING.search(query) and config and not config.dry_run:
            since = [str(each.value) for each in config.query_parameters if each.name == "since"]
            self.asked.append(query + "".join(f"\n-- counted: {each}" for each in since))
        return super().query(query, *args, **more)


class Year:
    """The raw ads, and what came of them."""

    def __init__(self, tables: Listening, results: storage.Bucket, *, repeating: bool = False) -> None:
        self.tables, self.results, self.repeating = tables, results, repeating
        self.day_before: list[Link] = []
        self.dice = random.Random(7)
        self.links: set[Link] = set()
        self.published: Counter[Link] = Counter()
        self.under_way: list[Ad] = []
        self.settings = ImportSettings.model_validate(
            {"google_cloud_project": lookup.PROJECT, "dataset": lookup.DATASET}
            | {f"{part}_bucket": BUCKET for part in ("creatives", "results", "staging")}
            | {"import_items_per_batch": 10, "import_usd_a_day": 1e6}
        )

    def ask(self, name: str, where: str = "", **values: str | datetime) -> list[bigquery.Row]:
        """The rows of one of the statements beside this file."""
        return ask(self.tables, name, where, **values)

    def insert(self, day: int, links: list[Link]) -> None:
        """Rows of a day."""
        at = FIRST + timedelta(days=day)
        self.load("raw_ads", [{"ad_id": ad_id, "url": url, "created_at": at.isoformat()} for ad_id, url in links])
        self.links.update(links)

    def load(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Appends rows."""
        config = bigquery.LoadJobConfig(write_disposition="WRITE_APPEND", autodetect=False)
        name = f"{lookup.PROJECT}.{lookup.DATASET}.{table}"
        self.tables.load_table_from_json(rows, name, job_config=config).result()

    def come(self, day: int, tick: int) -> None:
        """What a tick finds new."""
        new = [
            (f"ad-{day}-{tick}-{each}", f"https://x.example/{day}/{tick}/{each}.jpg") for each in range(ADS // TICKS)
        ]
        self.insert(day, [*new, new[0]])
        if self.repeating and not tick and day:
            self.insert(day, self.day_before)
        self.day_before = [*self.day_before, *new] if tick else new
        if tick or not day:
            return
        if day % 3 == 0:
            self.insert(max(0, day - self.dice.randint(1, 7)), [(f"late-{day}", f"https://x.example/late/{day}")])
        if day % 30 == 0:
            self.insert(self.dice.randrange(day), [(f"very-late-{day}", f"https://x.example/very-late/{day}")])
        if day % 10 == 0:
            ad, url = f"ad-{day - 1}-0-0", f"https://x.example/{day}/corrected.jpg"
            self.ask("corrected", ad_id=ad, url=url)
            self.links = {link for link in self.links if link[0] != ad} | {(ad, url)}

    def publish(self, message: bytes) -> None:
        """What `fetch` makes of a message."""
        batch = batches.parse(message, {})
        for item in batch.items():
            if isinstance(item, batches.Item):
                self.published[item.ad_id, item.url] += 1
                ad = Ad(event_id="e", ad_id=item.ad_id, source=item.url, batch_id=batch.batch_id, origin=batch.origin)
                self.under_way.append(ad)

    def deliver(self) -> None:
        """Messages become rows, some twice."""
        rows = [ad.model_dump(mode="json") for ad in self.under_way]
        again = self.dice.sample(rows, k=len(rows) // 20)
        self.under_way = []
        if rows:
            self.load("ads", [*rows, *again])

    def tick(self, day: int, tick: int) -> None:
        """An import, which may break off; what it publishes may arrive before the next one, or later."""
        broken = self.dice.randrange(3) if day % 20 == 19 and tick == 0 else None

        def publish(message: bytes) -> None:
            nonlocal broken
            if broken is not None:
                broken -= 1
            if broken == -1:
                raise BrokenOffError
            self.publish(message)

        with suppress(BrokenOffError), redirect_stdout(StringIO()):  # its log
            importing.run(self.settings, self.tables, self.results, publish)
        if self.dice.random() < 0.8:
            self.deliver()

    def billed(self) -> float:
        """Bytes of a day of a million ads, by what was asked since the last time."""
        asked, self.tables.asked = self.tables.asked, []
        total = 0.0
        for sql in asked:
            where, *beside = READING.findall(sql)
            since, counting = SINCE.search(sql), "-- counted" in sql
            held = datetime.fromisoformat(since[1]) if since else datetime(2000, 1, 1, tzinfo=UTC)
            [row] = self.ask("read", where, since=held)
            others = sum(self.ask("read", each, since=held)[0]["raw_ads"] for each in beside)
            row_bytes = bill.LINK + (bill.TIME if since or counting else 0)
            read = ((row["raw_ads"] + others) * bill.OF_RAW_AD + row["ads"] * row_bytes) * bill.ADS_A_DAY / ADS
            total += read * (1 if counting else TICKS_A_DAY / TICKS)
        return total


def ask(tables: bigquery.Client, name: str, where: str = "", **values: str | datetime) -> list[bigquery.Row]:
    """The rows of one of the statements beside this file."""
    sql = Path(__file__).with_name(f"year_{name}.sql").read_text()
    given = [
        bigquery.ScalarQueryParameter(each, "STRING" if isinstance(value, str) else "TIMESTAMP", value)
        for each, value in values.items()
    ]
    config = bigquery.QueryJobConfig(default_dataset=f"{lookup.PROJECT}.{lookup.DATASET}", query_parameters=given)
    return list(tables.query_and_wait(Template(sql).substitute(raw_ads_filter=where), job_config=config))


@dataclass(frozen=True)
class Served[Client: bigquery.Client]:
    """A server of tables, whose raw ads have a partition a day, and one of objects.

    Attributes:
        tables: a client of the one.
        results: a bucket of the other.
        start_again: ends the server of tables, and starts it: the files of its inserts become one each, of which every
            query that reads the table takes its time.
    """

    tables: Client
    results: storage.Bucket
    start_again: Callable[[], None]


@contextmanager
def served[Client: bigquery.Client](
    wired: wiring.Pipeline, client: Callable[[str], Client]
) -> Iterator[Served[Client]]:
    """Both servers, as long as they are asked."""
    with tempfile.TemporaryDirectory() as folder:
        port, grpc_port, storage_port = ports.held(3)
        start = partial(bigquery_server.serve, Path(folder), lookup.PROJECT, port, grpc_port)
        started = [
            start(),
            storage_server.serve(
                Path(folder), project=lookup.PROJECT, port=storage_port, pubsub_host=None, pipeline=wired
            ),
        ]

        def start_again() -> None:
            started[0].stop()
            started[0] = start()

        tables = client(f"http://127.0.0.1:{port}")
        objects = storage.Client(
            lookup.PROJECT, AnonymousCredentials(), client_options={"api_endpoint": f"http://127.0.0.1:{storage_port}"}
        )
        try:
            dataset.ensure(tables, wired, project=lookup.PROJECT, dataset=lookup.DATASET)
            by_day = tables.get_table(f"{lookup.PROJECT}.{lookup.DATASET}.raw_ads")
            tables.delete_table(by_day)
            by_day = bigquery.Table(by_day.reference, by_day.schema)
            by_day.time_partitioning = bigquery.TimePartitioning(field="created_at")
            tables.create_table(by_day)
            yield Served(tables, objects.create_bucket(BUCKET), start_again)
        finally:
            tables.close()  # type: ignore[no-untyped-call]
            for server in started:
                server.stop()


def main() -> None:
    """Prints a line for each ten days."""
    parser = argparse.ArgumentParser(description="A year of imports.")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--repeating", action="store_true")
    chosen = parser.parse_args()
    days = chosen.days
    print(
        f"{'day':>5}{'links':>8}{'lost':>6}{'twice':>7}{'$ a day, in the median':>24}{'and on average':>16}", flush=True
    )
    usd: list[float] = []
    with served(wiring.load().model_copy(update={"views": []}), Listening) as servers:
        made = Year(servers.tables, servers.results, repeating=chosen.repeating)
        for day in range(days):
            began = time.monotonic()
            for tick in range(TICKS):
                made.come(day, tick)
                made.tick(day, tick)
            usd.append(usd_of(made.billed()))
            lasted = timedelta(seconds=time.monotonic() - began)
            history.MARGIN, history.COUNTED_EVERY = lasted, 10 * lasted
            lost = made.links - made.published.keys()
            twice = sum(count - 1 for count in made.published.values())
            if (day + 1) % 10 == 0 or lost or day + 1 == days:
                last = usd[-10:]
                told = f"{statistics.median(last):>24.3f}{statistics.mean(last):>16.3f}"
                print(f"{day + 1:>5}{len(made.published):>8}{len(lost):>6}{twice:>7}{told}", flush=True)
            if lost:
                raise SystemExit(f"not published: {sorted(lost)[:5]}")


if __name__ == "__main__":
    main()
