"""What looking creatives up costs: bytes billed for a batch, dollars for a million creatives, seconds on this machine.

    python -m benchmarks.lookup [--timed-to 1000000]

BigQuery bills the whole of each column that a statement names, at least 10 MiB for each table, whatever the statement
asks for. So bytes are computed: the columns that `dedup`'s statements name, by the table's schema, times what BigQuery
counts for a value of theirs (a STRING 2 bytes and its own, INT64, FLOAT64 and TIMESTAMP 8, an array its values),
times the rows. Clustering may lower that, and is not counted on. A local server reports no bytes; it is timed.

The price is of creatives that were never seen. Of one that was, a repeated message say, the decision is read too; a
person's correction reads the fingerprints. What these bill is printed below the table.
"""

import argparse
import hashlib
import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from functions.dedup import decisions
from functions.dedup.known import Known
from functions.dedup.lookup import Lookup, statement_text
from functions.dedup.verification import METHOD_VERSION
from local import bigquery as server
from local import dataset, ports
from shared import wiring
from shared.events import Fingerprint, Kind, Match, MatchKind
from shared.media import images

USD_PER_TIB = 6.25
"""On demand, US and EU multi-regions; cloud.google.com/bigquery/pricing, read in November 2026."""

MIN_BYTES = 10 * 2**20
"""Billed at least, for each table that a query names (same page)."""

DUPLICATE_SHARE = 0.3
"""Of all creatives: `matches` has a row for each, `canonicals` for those that are none."""

SIZES = (10**4, 10**5, 10**6)
BATCHES = (1, 10, 100)
SCHEMAS = Path(__file__).parent.parent / "infra" / "schemas"
PROJECT, DATASET = "benchmark", "creatives"


def creative_id(number: int) -> str:
    """An id of the right form."""
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()


def fingerprint(number: int) -> Fingerprint:
    """A square image's fingerprint, its hash as random as its id."""
    own_id = creative_id(number)
    return Fingerprint(
        event_id="benchmark",
        creative_id=own_id,
        uri="gs://benchmark/one",
        content_type="image/jpeg",
        bytes=1,
        kind=Kind.IMAGE,
        width=1080,
        height=1080,
        aspect_ratio="1:1",
        near_blank=False,
        dhash=int(own_id[:16], 16) - 2**63,
        hash_version=images.HASH_VERSION,
    )


def typical_rows() -> dict[str, dict[str, object]]:
    """A row of each table that a lookup reads, as long as rows are: a duplicate has all columns of a match."""
    one = fingerprint(1)
    match = Match(
        event_id="1234567890123456",
        creative_id=one.creative_id,
        kind=one.kind,
        match=MatchKind.DUPLICATE,
        canonical_id=creative_id(2),
        family_id=creative_id(2),
        matched_id=creative_id(2),
        distance=3,
        score=4.5,
        method="pixels",
        method_version=METHOD_VERSION,
    )
    canonical = decisions.canonical(one, match)
    rows = {"canonicals": canonical, "matches": match, "fingerprints": one}
    return {table: row.model_dump(mode="json") for table, row in rows.items()}


def row_bytes(table: str, statement: str) -> int:
    """What a row of `table` counts for in `statement`: the columns it names."""
    named = set(re.findall(r"\w+", re.sub(r"--.*", "", statement_text(statement))))
    row = typical_rows()[table]
    columns = json.loads((SCHEMAS / f"{table}.json").read_text())
    return sum(_value_bytes(column["type"], row[column["name"]]) for column in columns if column["name"] in named)


def billed(canonicals: int) -> int:
    """Bytes of one lookup: the scan, the search for decisions made before, the corrections, which are few."""
    scan = _billed(canonicals, "canonicals", "near_images")
    return scan + _billed(_matches(canonicals), "matches", "on_record") + MIN_BYTES


def _billed(rows: int, table: str, statement: str) -> int:
    return max(MIN_BYTES, rows * row_bytes(table, statement))


def _matches(canonicals: int) -> int:
    return round(canonicals / (1 - DUPLICATE_SHARE))


def usd_per_million(canonicals: int, batch: int) -> float:
    """What a million creatives cost to look up, `batch` at a time."""
    return billed(canonicals) * (10**6 / batch) / 2**40 * USD_PER_TIB


def _value_bytes(kind: str, value: object) -> int:
    if isinstance(value, list):
        return sum(_value_bytes(kind, one) for one in value)
    if value is None:
        return 0
    return 2 + len(str(value).encode()) if kind == "STRING" else 8


@contextmanager
def served() -> Iterator[bigquery.Client]:
    """A local server with the pipeline's empty tables."""
    with tempfile.TemporaryDirectory() as folder:
        port, grpc_port = ports.held(2)
        started = server.serve(Path(folder), PROJECT, port, grpc_port)
        endpoint = {"api_endpoint": f"http://127.0.0.1:{port}"}
        client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=endpoint)
        try:
            tables = wiring.load().model_copy(update={"views": []})
            dataset.ensure(client, tables, project=PROJECT, dataset=DATASET)
            yield client
        finally:
            client.close()
            started.stop()


def fill(client: bigquery.Client, table: str, made: int, count: int) -> None:
    """Makes the rows after number `made` up to number `count`, in the server."""
    numbers = [bigquery.ScalarQueryParameter(name, "INT64", at) for name, at in (("made", made), ("count", count))]
    version = bigquery.ScalarQueryParameter("hash_version", "STRING", images.HASH_VERSION)
    config = bigquery.QueryJobConfig(
        query_parameters=[*numbers, version], default_dataset=bigquery.DatasetReference(PROJECT, DATASET)
    )
    client.query_and_wait(Path(__file__).with_name(f"lookup_{table}.sql").read_text(), job_config=config)


def seconds(client: bigquery.Client, batch: int) -> float:
    """Of one lookup, the median of five; nobody in the batch is known."""
    lookup = Lookup(client, DATASET, max_bytes_billed=2**40, timeout_s=300)
    taken = []
    for attempt in range(5):
        waiting: list[Known] = [
            decisions.undecided(fingerprint(-attempt * 1000 - number - 1)) for number in range(batch)
        ]
        started = time.monotonic()
        lookup.near_and_history(waiting)
        taken.append(time.monotonic() - started)
    return median(taken)


def report(client: bigquery.Client, timed_to: int) -> None:
    """Prints a line for each number of stored hashes and each batch."""
    print(f"a row counts {row_bytes('canonicals', 'near_images')} bytes in the scan of canonicals,")
    print(f"             {row_bytes('matches', 'on_record')} in the search of matches; ${USD_PER_TIB} per TiB\n")
    print(f"{'stored':>10}{'batch':>7}{'MiB billed a lookup':>21}{'$ per million creatives':>25}{'seconds here':>14}")
    for made, count in pairwise((0, *SIZES)):
        timed = count <= timed_to
        if timed:
            fill(client, "canonicals", made, count)
            fill(client, "matches", _matches(made), _matches(count))
        for batch in BATCHES:
            taken = f"{seconds(client, batch):.3f}" if timed else "-"
            mib, usd = billed(count) / 2**20, usd_per_million(count, batch)
            print(f"{count:>10,}{batch:>7}{mib:>21,.0f}{usd:>25,.2f}{taken:>14}", flush=True)
    again, corrected = (
        _billed(_matches(SIZES[-1]), table, statement) / 2**20
        for table, statement in (("matches", "decided"), ("fingerprints", "fingerprint"))
    )
    print(f"\nat {SIZES[-1]:,}: {again:,.0f} MiB more where one was decided before; {corrected:,.0f} for a correction")


def main() -> None:
    """Computes, times, prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--timed-to", type=int, default=10**6, help="stored hashes up to which lookups are timed")
    chosen = arguments.parse_args()
    with served() as client:
        report(client, chosen.timed_to)


if __name__ == "__main__":
    main()
