"""A year of the status, a day in a few seconds: is what `settle` counts what the views say, and what does a day read.

    python -m benchmarks.year_of_status [--days 365] [--ticks 2]

Raw ads have a partition a day. Each day brings ads at so many ticks, with what became of them: creatives that are
analysed, copies, failures, in any order. Some rows come a day late, some twice, some of a week before; people correct
earlier creatives; raw ads get other addresses, are repeated, or go. After each day what was counted has to be what the
views say.

Billed are the columns of the rows that are read, as in `bill.py`, as if a day had a million ads: what is new (rows
since the oldest day that has changed, and raw ads of the partitions that have), and what is kept, of all ads. Whether
anything is new, and what counting costs, is not asked: something is, at each tick, and any cost will do.
"""

import argparse
import json
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from unittest.mock import patch

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from benchmarks import bill, lookup
from benchmarks.year import BUCKET, ask, served
from functions.settle import asking, keeping, settling
from functions.settle.keeping import Plan
from functions.settle.settings import SettleSettings
from shared import described, wiring
from shared.events import Event, Settled, StatusCount
from tests.infra.views.rows import START, Row, World

ADS = 20
READ_EVERY = 5
"""Days of which one is told by what it read; what was counted is held against the views on each."""
STARTED_EVERY = 10
"""Days after which the server of tables is started again, which takes all partitions for changed: what was kept stays,
and all rows are added once more.
"""
DAY = timedelta(days=1)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
FULL_DATASET = f"{lookup.PROJECT}.{lookup.DATASET}"


class Noting:
    """Plans, and notes what was planned."""

    def __init__(self, plan: Callable[..., Plan | None]) -> None:
        self._plan = plan
        self.planned: Plan | None = None

    def __call__(self, *asked: object) -> Plan | None:
        """As `keeping.plan` does."""
        self.planned = self._plan(*asked)
        return self.planned


class Year:
    """The tables, and what is yet to come to them."""

    def __init__(self, tables: bigquery.Client, results: storage.Bucket, ticks: int) -> None:
        self.tables, self.results, self.ticks = tables, results, ticks
        self.dice = random.Random(7)
        self.late: list[Row] = []
        self.settings = SettleSettings.model_validate(
            {"google_cloud_project": lookup.PROJECT, "dataset": lookup.DATASET, "settle_usd_a_day": 1e6}
            | {f"{part}_bucket": BUCKET for part in ("creatives", "results", "staging")}
        )

    def load(self, rows: list[Row]) -> None:
        """Appends rows to their tables."""
        by_table: dict[str, list[bytes]] = defaultdict(list)
        for row in rows:
            table, said = (row.TOPIC, row) if isinstance(row, Event) else row
            by_table[table].append(_as_json(said))
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON, write_disposition="WRITE_APPEND"
        )
        for table, lines in by_table.items():
            content = BytesIO(b"\n".join(lines))
            self.tables.load_table_from_file(content, f"{FULL_DATASET}.{table}", job_config=config).result()

    def come(self, day: int, tick: int) -> None:
        """What a tick finds new."""
        w, at = World(day * self.ticks + tick), day * DAY
        rows = [_later(row, at) for row in _rows(w, ADS // self.ticks)]
        again = [_later(row, DAY) for row in self.dice.sample(rows, k=len(rows) // 10)]
        held = [row for row in rows if self.dice.random() < 0.1]
        earlier = World(self.dice.randrange(max(1, day * self.ticks)))
        created = {"created_at": (START + at).isoformat()}
        raw: list[Row] = [earlier.raw_ad("x1", **created)] if day % 3 == 0 else []
        raw += [w.raw_ad(f"x{number}", **created) for number in range(ADS // self.ticks)]
        raw.append(("raw_ads", {"ad_id": " ", "url": "u", **created}))
        self.load([*(row for row in rows if row not in held), *again, *self.late, *raw, *self.corrected(day, earlier)])
        self.late = held
        if day % 5 == 4:
            ask(self.tables, "corrected", ad_id=earlier.ad_id("x2"), url="https://other.test/")
        if day % 10 == 9:
            ask(self.tables, "gone", ad_id=earlier.ad_id("x3"))

    def corrected(self, day: int, earlier: World) -> list[Row]:
        """What people say of an earlier day's creatives, and what comes of one of them again."""
        said = earlier.override("c1", self.dice.choice(["split", "reset"]))
        return [_later(said, day * DAY), _later(earlier.answer("c3", cost="0.002"), day * DAY)] if day % 4 == 3 else []

    def settle(self, now: datetime) -> tuple[Settled, Plan]:
        """A tick, and what it read."""
        with (
            redirect_stdout(StringIO()),  # its log
            patch.object(described, "description", lambda *_: None),
            patch.object(settling, "_usd", lambda *_: 0.0),
            patch.object(keeping, "plan", Noting(keeping.plan)) as noting,
        ):
            settled = settling.settle(self.tables, self.results, self.settings, now, f"tick of {now}")
        if noting.planned is None or settled is None:
            raise SystemExit("partitions cannot be told here, or nothing is new")
        self.load([settled])
        return settled, noting.planned

    def is_what_the_views_say(self, settled: Settled, now: datetime) -> bool:
        """Whether it is."""
        with redirect_stdout(StringIO()):
            [row] = asking.ask(self.tables, self.settings, "standing", {"today": now.date()}).result()
        money = {name: value for name, value in row.items() if name != "counts"}
        counts = [StatusCount.model_validate(each) for each in row["counts"]]
        kept, now_saved = (sorted(map(str, ask(self.tables, name))) for name in ("saved_kept", "saved_now"))
        if kept != now_saved:
            return False
        return settled.counts == counts and {name: getattr(settled, name) for name in money} == money

    def new_bytes(self, plan: Plan) -> float:
        """What a tick read of what is new, as if a day had a million ads."""
        total = 0.0
        if plan.raw_ads:
            [read] = ask(self.tables, "read", plan.raw_ads.names["raw_ads_filter"], since=_NEVER)
            total += read["raw_ads"] * bill.OF_RAW_AD
        if plan.since:
            [rows] = ask(self.tables, "followed", since=plan.since)
            total += sum(rows[table] * n_bytes for table, n_bytes in _followed().items())
        return total * bill.ADS_A_DAY / ADS


def _rows(w: World, ads: int) -> list[Row]:
    """What becomes of the ads of a tick: analysed creatives, a copy, a video under way, failures, one that waits."""
    rows: list[Row] = []
    for number in range(ads - 2):
        rows += [w.ad(f"x{number}"), w.sighting(f"x{number}", f"c{number % 6}")]
    for number in range(4):
        rows += w.analysed(f"c{number}")
    rows += [*w.copied("c4", "c0"), w.video("c5"), w.failed_creative("c3", "extract"), w.wait("c2")]
    return [*rows, w.ad("gone"), w.failed_ad("gone")]


def _later(row: Row, by: timedelta) -> Row:
    return row.model_copy(update={"occurred_at": row.occurred_at + by}) if isinstance(row, Event) else row


def _as_json(row: Event | Mapping[str, Any]) -> bytes:
    text = row.model_dump_json(exclude_none=True) if isinstance(row, Event) else json.dumps(row)
    return text.encode()


def _followed() -> dict[str, int]:
    """Bytes of a row of each table, by the columns that are read of it."""
    return {table: bill.named_bytes(table, (of,), bill.SETTLE) for table, (_, of) in bill.FOLLOWED.items()}


def _client(endpoint: str) -> bigquery.Client:
    return bigquery.Client(lookup.PROJECT, AnonymousCredentials(), client_options={"api_endpoint": endpoint})


def main() -> None:
    """Prints a line for each five days."""
    parser = argparse.ArgumentParser(description="A year of the status.")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--ticks", type=int, default=2)
    chosen = parser.parse_args()
    days, ticks = chosen.days, chosen.ticks
    told = f"{'new, GiB a tick, in the median':>32}{'and on average':>16}{'kept, GiB':>11}"
    print(f"{'day':>5}{'ads':>8}{told}", flush=True)
    read: list[float] = []
    with served(wiring.load(), _client) as servers:
        made = Year(servers.tables, servers.results, ticks)
        for day in range(days):
            if day and day % STARTED_EVERY == 0:
                servers.start_again()
            for tick in range(ticks):
                now = (START + day * DAY).replace(hour=12 + tick)
                made.come(day, tick)
                settled, planned = made.settle(now)
                if day % READ_EVERY == READ_EVERY - 1:
                    read.append(made.new_bytes(planned) / 2**30)
            if not made.is_what_the_views_say(settled, now):
                raise SystemExit(f"day {day + 1}: what was counted is not what the views say")
            if (day + 1) % READ_EVERY == 0:
                [there], ads = ask(made.tables, "followed", since=keeping.ALWAYS), (day + 1) * bill.ADS_A_DAY
                last, kept = read[-5 * ticks :], (bill.kept_bytes(ads) + ads * bill.OF_KEPT_RAW_AD) / 2**30
                told = f"{statistics.median(last):>32.3f}{statistics.mean(last):>16.3f}{kept:>11.2f}"
                print(f"{day + 1:>5}{there['ads']:>8}{told}", flush=True)


if __name__ == "__main__":
    main()
