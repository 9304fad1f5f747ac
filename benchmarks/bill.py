"""What BigQuery bills a day for imports, duplicates and the status, after a month and a year of a million ads a day.

    python -m benchmarks.bill

Modelled as in `lookup.py`: whole columns, by what BigQuery counts for a value. Three of ten ads bring a new creative.
An import reads the ids and addresses of raw ads and the links of all ads, at every tick of the schedule as far as
`IMPORT_USD_A_DAY` lets it. Where each day is a partition it reads the one that has changed, and the links since a day
before that partition came, and every ten days all links, to count what is repeated. Where days repeat the one before,
it reads the partition of that, too; where they repeat any, all links every time.
To count the status at a tick reads what is kept of all ads and creatives (narrow columns, null where they are of no
use), and the rows of the day so far by the columns that functions/settle names; as often as `SETTLE_USD_A_DAY` lets it.
No batch was given up: since the first one that was, it reads when ads were published, too. The ids and addresses of raw
ads are read where those have changed: at each tick half a day's where each day is a partition, else all; or once a day.
Once a day what was added becomes a row each, and what copies saved is added up; at each tick while that is cheap. What
is told is a row a tick, of a hundred statuses and stages, for as long as rows stay.
The other views are not in it: what asks them reads all rows that there are.
"""

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path

from croniter import croniter

from benchmarks import lookup
from functions.import_ads import history
from functions.import_ads.changes import REMEMBERED
from functions.import_ads.settings import ImportSettings
from functions.settle import settling
from functions.settle.settings import SettleSettings
from shared import bill, wiring

ADS_A_DAY = 10**6
CREATIVES_A_DAY = 300_000
DAYS = (30, 365)
AD_ID, ADDRESS = (
    "23843000000000000",
    "https://cdn.example.com/creatives/2026/11/spring-sale/1200x628/en/variant-b.jpg?width=1200",
)
START = datetime(2026, 11, 2, tzinfo=UTC)


LENGTHS = dict.fromkeys(("source", "url", "uri"), len(ADDRESS)) | dict.fromkeys(
    ("creative_id", "canonical_id", "family_id", "matched_id"), 40
)
WORD, COUNTS = 20, 100
"""Letters of other texts, and the rows of a status: few statuses, stages and reasons are there at a time."""

VIEWS, SETTLE = wiring.ROOT / "infra" / "views", wiring.ROOT / "functions" / "settle"
LINK, TIME = 12 + 2, 8
"""Bytes of the columns `link`, with those for its length, and `occurred_at`."""

OF_RAW_AD = len(AD_ID) + len(ADDRESS) + 4

ADDED_TO, DAILY, REPEATING, WHOLE = "days", "days, as before", "days, repeating", "whole"
"""Raw ads with a partition a day: each ad in one, in those of days that follow each other, or any; or none."""

RAW_ADS_CHANGE = (
    (ADDED_TO, "at each tick", math.inf),
    (WHOLE, "once a day", 1.0),
    (WHOLE, "at each tick", math.inf),
)
"""Raw ads whose status is counted, and how often a day they are others."""


def usd_of_import(ads: int, kind: str) -> float:
    """One reading: of raw ads the id and an address, of half a day's where each day is a partition; of ads the link.

    Asking for the partitions bills the least that there is. A day's partition came when the day before was read last,
    and `ads` is read from a day before that: half of today's, and two partitions.
    """
    raw = {WHOLE: ads, DAILY: 1.5 * ADS_A_DAY}.get(kind, ADS_A_DAY / 2) * OF_RAW_AD
    links = min(ads, 2.5 * ADS_A_DAY) * (LINK + TIME) if kind in (ADDED_TO, DAILY) else ads * LINK
    return bill.usd((0 if kind == WHOLE else lookup.MIN_BYTES) + raw + links)


def usd_of_counting_repeats(ads: int) -> float:
    """Of a day: it is done now and then, when a partition has changed, beside the one before."""
    return bill.usd(1.5 * ADS_A_DAY * OF_RAW_AD + ads * (LINK + TIME)) / (history.COUNTED_EVERY / timedelta(days=1))


OF_KEPT_AD, OF_KEPT_RAW_AD, OF_PART = 4 * 8, 8, 8
OF_KEPT_CREATIVE = 0.7 * (3 * 8 + 16) + 0.3 * (5 * 8 + 1)
OF_KEPT_ANSWER = 3 * 8 + 16
OF_KEPT_TEXTS = 0.7 * (2 + WORD) * 2 + 0.3 * (2 + WORD) * 3
"""Bytes of what is not null, in the median: an ad that was seen, an analysed creative or a duplicate, an answer.

Texts of a creative (its model, its batch) are read to keep them, and for what copies saved, and not to count.
"""

FOLLOWED = {
    **dict.fromkeys(("ads", "sightings"), (ADS_A_DAY, "of_ads")),
    **dict.fromkeys(("images", "fingerprints", "matches", "extractions"), (CREATIVES_A_DAY, "of_creatives")),
    "features": (0.7 * CREATIVES_A_DAY, "of_creatives"),
}


def kept_bytes(ads: int) -> float:
    """Of all ads that there are, and their creatives."""
    creatives = ads * CREATIVES_A_DAY // ADS_A_DAY
    return ads * OF_KEPT_AD + creatives * (OF_KEPT_CREATIVE + 0.7 * OF_KEPT_ANSWER)


def saved_bytes(ads: int) -> float:
    """To add up what copies saved."""
    return ads * CREATIVES_A_DAY // ADS_A_DAY * (OF_KEPT_CREATIVE + OF_KEPT_TEXTS + 0.7 * 8)


def raw_bytes(ads: int, kind: str) -> float:
    """To read the raw ads that have changed; of a partition a day what was kept of half of it is replaced, too."""
    if kind == WHOLE:
        return ads * OF_RAW_AD
    return lookup.MIN_BYTES + ADS_A_DAY / 2 * (OF_RAW_AD + OF_KEPT_RAW_AD + OF_PART)


def usd_of_status(ads: int, times_a_day: float, raw_changes: float, kind: str) -> float:
    """Counting once, of so many times a day: the rows of yesterday and of half a day are read, and added, each time.

    `raw_changes`: how often a day the raw ads are others.
    """
    kept, once = kept_bytes(ads), 1.5 * 2 * kept_bytes(ADS_A_DAY)
    compacted = max(1.0, times_a_day * once / kept)
    added = min(times_a_day * once, kept) / 2
    saved = saved_bytes(ads)
    adding_up = times_a_day if bill.usd(saved) < settling.CHEAP_USD else compacted
    texts = ads * CREATIVES_A_DAY // ADS_A_DAY * OF_KEPT_TEXTS
    seldom = compacted * (kept + texts) + adding_up * saved + min(raw_changes, times_a_day) * raw_bytes(ads, kind)
    others = ads * OF_KEPT_RAW_AD + 12 * lookup.MIN_BYTES
    return bill.usd(kept + added + 1.5 * _followed_a_day() + others + seldom / times_a_day)


def usd_of_differences(ads: int) -> tuple[float, float]:
    """Counting by differences instead, at each tick: by MERGE into what is kept, and by the least that could be read.

    A MERGE that updates bills all columns of its target, here tables in no order that a constant could leave out. The
    least is the key of each ad, and of each creative that and a state, to know what was there before of a tick's ads:
    seven of ten of them show a creative that may be as old as any.
    """
    creatives = ads * CREATIVES_A_DAY // ADS_A_DAY
    new = 1.5 * _followed_a_day()
    merged = ads * OF_KEPT_AD + creatives * OF_KEPT_CREATIVE
    return bill.usd(merged + new), bill.usd(ads * 8 + creatives * (8 + 8) + new)


def _followed_a_day() -> float:
    """The rows of a day, by the columns that are followed."""
    day = sum(rows * named_bytes(table, (of,), SETTLE) for table, (rows, of) in FOLLOWED.items())
    return day + 0.7 * CREATIVES_A_DAY * named_bytes("features", ("paid_answers",))


def status_a_day(ads: int, most: float, raw_changes: float, kind: str) -> tuple[float, float]:
    """How often it is counted a day, and what once costs."""
    often = 1.0
    for _ in range(20):
        often = ticks_a_day(usd_of_status(ads, often, raw_changes, kind), most, "settle")
    return often, usd_of_status(ads, often, raw_changes, kind)


def named_bytes(table: str, of: Sequence[str], folder: Path = VIEWS) -> int:
    """What a row of the table counts for, by the columns that these statements name."""
    named = set(re.findall(r"\w+", " ".join((folder / f"{name}.sql").read_text() for name in of)))
    columns = json.loads((lookup.SCHEMAS / f"{table}.json").read_text())
    kinds = [(each["name"], each["type"]) for each in columns if each["name"] in named and each["type"] != "RECORD"]
    return sum(2 + LENGTHS.get(name, WORD) if kind == "STRING" else 8 for name, kind in kinds)


def usd_of_costs(days: int) -> float:
    """The answers of some days, from their partitions: `paid_answers` between two times."""
    columns = named_bytes("features", ("paid_answers",))
    return bill.usd(2 * lookup.MIN_BYTES + days * CREATIVES_A_DAY * columns)


def usd_of_asking() -> float:
    """To be told the status as it was kept."""
    wired = wiring.load()
    rows = (wired.tables["settled"].keep_days or 0) * ticks_a_day(0, 1, "settle")
    return bill.usd(max(lookup.MIN_BYTES, rows * COUNTS * (3 * (2 + WORD) + 4 * 8)))


def ticks_a_day(usd: float, most: float, schedule: str) -> float:
    """How often a day is done what costs so much each time, and that at most, while new ads come: over ten days."""
    done = [START]
    for at in _ticks(schedule):
        if at >= bill.rests_until(done[-REMEMBERED:], usd, most):
            done.append(at)
    return (len(done) - 1) / 10


@cache
def _ticks(schedule: str) -> Sequence[datetime]:
    """Of ten days."""
    ticks = croniter(wiring.load().schedules[schedule].cron, START)
    return list(takewhile(lambda at: at < START + timedelta(days=10), iter(lambda: ticks.get_next(datetime), None)))


def imports_a_day(ads: int, kind: str) -> tuple[float, float, float]:
    """How often a day is read, by the default of what that may cost, what once costs, and what a day does."""
    usd, most = usd_of_import(ads, kind), ImportSettings.model_fields["import_usd_a_day"].default
    often = ticks_a_day(usd, most, "import-ads")
    return often, usd, often * usd + (0 if kind == WHOLE else usd_of_counting_repeats(ads))


def main() -> None:
    """Prints a line for each day, and what the status costs."""
    print(f"{'day':>5}{'raw ads':>17}{'imports':>9}{'of $':>9}{'$ a day':>9}{'dedup, $ a day':>16}")
    for day in DAYS:
        dedup = lookup.usd_a_day(day * CREATIVES_A_DAY, CREATIVES_A_DAY)
        for kind in (ADDED_TO, DAILY, REPEATING, WHOLE):
            often, usd, a_day = imports_a_day(day * ADS_A_DAY, kind)
            print(f"{day:>5}{kind:>17}{often:>9.1f}{usd:>9.4f}{a_day:>9.3f}{dedup:>16.3f}")
    most: float = SettleSettings.model_fields["settle_usd_a_day"].default
    told = f"{'to count, $':>13}{'times a day':>13}{'$ a day':>9}{'to ask it, $':>14}"
    print(f"\n{'day':>5}{'raw ads':>8}{'change':>14}{told}")
    for day in DAYS:
        for kind, said, changes in RAW_ADS_CHANGE:
            often, usd = status_a_day(day * ADS_A_DAY, most, changes, kind)
            print(f"{day:>5}{kind:>8}{said:>14}{usd:>13.3f}{often:>13.1f}{often * usd:>9.2f}{usd_of_asking():>14.5f}")
    for day in DAYS:
        merged, least = usd_of_differences(day * ADS_A_DAY)
        print(
            f"\nday {day}, to count by differences once: by MERGE ${merged:.3f}, by the least there is ${least:.3f}",
            end="",
        )
    print(f"\n\nthe answers of one day: ${usd_of_costs(1):.5f}, of {DAYS[-1]}: ${usd_of_costs(DAYS[-1]):.2f}")


if __name__ == "__main__":
    main()
