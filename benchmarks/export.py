"""What `creatives export` takes to write many ads: time, the process's highest memory, the file's size.

    python -m benchmarks.export [ROWS ...]      each format, in a process of its own; 10,000 and 100,000 without any

Rows are as wide as an ad with offline features, with texts that differ; what the server takes is not in it.
Measured on 23 November 2026 on two cores that others used at the same time, the times by far more than the rest
(DuckDB 1.5.5, Python 3.13):

    csv         10,000        8.2         191 MB    9.6 MB
    csv        100,000       23.4         191 MB   96.4 MB
    parquet     10,000        1.1         233 MB    1.6 MB
    parquet    100,000       15.6         411 MB   16.3 MB
    parquet  1,000,000       50.0         476 MB  162.6 MB
    ndjson      10,000        0.4         191 MB   11.0 MB
    ndjson     100,000        3.4         191 MB  110.2 MB

Of the memory 185 MB are imports. Parquet's is DuckDB's, whose limit is 512 MB.
"""

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from google.cloud.bigquery import SchemaField

from creatives.export import files
from creatives.export.files import Format, Table
from shared.wiring import ROOT

COLUMNS = (
    "ad_id",
    "source",
    "status",
    "creative_id",
    "canonical_id",
    "uri",
    "content_type",
    "kind",
    "extractor",
    "model",
)


def main() -> None:
    """Prints a line for each format and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000])
    for chosen in Format:
        for count in parser.parse_args().rows:
            with multiprocessing.get_context("spawn").Pool(1) as process:
                seconds, peak_mb, size_mb = process.apply(measured, (chosen, count))
            print(f"{chosen:8} {count:>9,} {seconds:>10.1f} {peak_mb:>11} MB {size_mb:>6.1f} MB")


def measured(chosen: Format, count: int) -> tuple[float, int, float]:
    """Seconds, the process's highest memory in MB, and the file's size in MB."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as file:
        files.write(Table(schema(), ads(count), count), chosen, file)
        size = file.tell()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return time.monotonic() - started, peak_kib // 1024, size / 10**6


def schema() -> list[SchemaField]:
    """The widest columns of `ads_enriched`."""
    columns = json.loads((ROOT / "infra" / "schemas" / "features.json").read_text())
    (features,) = [SchemaField.from_api_repr(column) for column in columns if column["name"] == "features"]
    return [*(SchemaField(name, "STRING") for name in COLUMNS), features]


def ads(count: int) -> Iterator[dict[str, Any]]:
    """Ads that differ."""
    drawn = random.Random(1)
    for number in range(count):
        words = " ".join(f"word{drawn.randrange(10_000)}" for _ in range(25))
        yield {
            **dict.fromkeys(COLUMNS, f"{number:040}"),
            "creative_id": f"{drawn.getrandbits(160):040x}",
            "features": {
                "has_text": True,
                "text": words,
                "price": drawn.uniform(1, 100),
                "dominant_colors": ["gray", "blue"],
                "scenes": [],
                "summary": words,
            },
        }


if __name__ == "__main__":
    main()
