"""What BigQuery bills a day for importing and looking for duplicates, after a month and a year of a million ads a day.

    python -m benchmarks.bill

Modelled as in `lookup.py`: whole columns, by what BigQuery counts for a value. Three of ten ads bring a new creative.
An import reads the ids and addresses of raw ads (of the partition that has changed, where there is one a day) and the
links of all ads, at every tick of the schedule as far as `IMPORT_USD_A_DAY` lets it. The views are not in it: what asks
them reads all rows that there are.
"""

from datetime import UTC, datetime, timedelta

from croniter import croniter

from benchmarks import lookup
from functions.import_ads.changes import Noted
from functions.import_ads.settings import ImportSettings
from shared import wiring

ADS_A_DAY = 10**6
CREATIVES_A_DAY = 300_000
DAYS = (30, 365)
AD_ID, ADDRESS = (
    "23843000000000000",
    "https://cdn.example.com/creatives/2026/11/spring-sale/1200x628/en/variant-b.jpg?width=1200",
)
START = datetime(2026, 11, 2, tzinfo=UTC)


LINK = 12 + 2
"""Bytes of the column `link`, with those for its length."""


def usd_of_import(ads: int, *, partitioned: bool) -> float:
    """One reading: of raw ads the id and an address, of half a day's where each day is a partition; of ads the link.

    Asking for the partitions bills the least that there is.
    """
    of_raw_ad = len(AD_ID) + len(ADDRESS) + 4
    raw = lookup.MIN_BYTES + ADS_A_DAY / 2 * of_raw_ad if partitioned else ads * of_raw_ad
    return (raw + ads * LINK) / 2**40 * lookup.USD_PER_TIB


def imports_a_day(usd: float) -> float:
    """How often raw ads are read that cost so much each time, while new ones keep coming: the mean of ten days."""
    most: float = ImportSettings.model_fields["import_usd_a_day"].default
    ticks = croniter(wiring.load().schedules["import-ads"].cron, START)
    noted, reads, at = Noted(at=START), 0, START
    while (at := ticks.get_next(datetime)) < START + timedelta(days=10):
        if at >= noted.rests_until(usd, most):
            noted, reads = Noted(at=at), reads + 1
    return reads / 10


def main() -> None:
    """Prints a line for each day."""
    print(f"{'day':>5}{'raw ads':>14}{'imports':>9}{'of $':>8}{'$ a day':>9}{'dedup, $ a day':>16}")
    for day in DAYS:
        dedup = lookup.usd_a_day(day * CREATIVES_A_DAY, CREATIVES_A_DAY)
        for partitioned in (True, False):
            usd = usd_of_import(day * ADS_A_DAY, partitioned=partitioned)
            often, kind = imports_a_day(usd), "partitioned" if partitioned else "whole"
            print(f"{day:>5}{kind:>14}{often:>9.1f}{usd:>8.3f}{often * usd:>9.2f}{dedup:>16.2f}")


if __name__ == "__main__":
    main()
