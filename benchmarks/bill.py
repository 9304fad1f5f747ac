"""What BigQuery bills a day for importing and looking for duplicates, after a month and a year of a million ads a day.

    python -m benchmarks.bill

Modelled as in `lookup.py`: whole columns, by what BigQuery counts for a value. Three of ten ads bring a new creative.
An import reads the ids and addresses of raw ads and of ads, at every tick of the schedule as far as `IMPORT_USD_A_DAY`
lets it. The views are not in it: what asks them reads all rows that there are.
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


def usd_of_import(ads: int) -> float:
    """One reading of raw ads and ads: of either the id and an address, two bytes each for their lengths."""
    return 2 * ads * (len(AD_ID) + len(ADDRESS) + 4) / 2**40 * lookup.USD_PER_TIB


def imports_a_day(usd: float) -> float:
    """How often raw ads are read that cost so much each time, while new ones keep coming: the mean of ten days."""
    most: float = ImportSettings.model_fields["import_usd_a_day"].default
    ticks = croniter(wiring.load().schedules["import-ads"].cron, START)
    noted, reads, at = Noted(), 0, START
    while (at := ticks.get_next(datetime)) < START + timedelta(days=10):
        if at >= noted.rests_until(most):
            noted, reads = Noted("what they were", usd, at), reads + 1
    return reads / 10


def main() -> None:
    """Prints a line for each day."""
    print(f"{'day':>5}{'imports':>9}{'of $':>8}{'$ a day':>9}{'dedup, $ a day':>16}")
    for day in DAYS:
        usd = usd_of_import(day * ADS_A_DAY)
        often, known = imports_a_day(usd), day * CREATIVES_A_DAY
        dedup = lookup.usd_a_day(known, CREATIVES_A_DAY)
        print(f"{day:>5}{often:>9.1f}{usd:>8.3f}{often * usd:>9.2f}{dedup:>16.2f}")


if __name__ == "__main__":
    main()
