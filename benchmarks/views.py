"""How long the views take on the local BigQuery: `ads_enriched` and `pipeline_status` at 10^4, 10^5 and 10^6 ads.

    .venv/bin/python benchmarks/views.py [ADS …]

A fifth as many creatives as ads, 30 % of them duplicates, 10 % of the URLs dead; half the ads are raw ads
(views_fill.sql). The median of three queries is told. A query by `source` is what `creatives analyze`
asks. The last columns are all three after a change: each by itself, and as a screen asks them, of rows that are kept.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from local import bigquery as server
from local import dataset, ports
from shared import wiring

PROJECT = "bench"
SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 3

QUERIES = {"pipeline_status": "status", "ads_enriched, all rows": "all", "ads_enriched, 100 URLs": "urls"}

START = datetime(2026, 11, 2, 8, tzinfo=UTC)


def fill(client: bigquery.Client, name: str, ads: int) -> None:
    """Makes the dataset `name` with the rows of views_fill.sql."""
    dataset.ensure(client, wiring.load(), project=client.project, dataset=name)
    config = bigquery.QueryJobConfig(
        default_dataset=f"{client.project}.{name}",
        query_parameters=[
            bigquery.ScalarQueryParameter("ads", "INT64", ads),
            bigquery.ScalarQueryParameter("start", "TIMESTAMP", START),
        ],
    )
    for statement in Path(__file__).with_name("views_fill.sql").read_text().split(";\n"):
        if statement.strip():
            client.query_and_wait(statement, job_config=config)


def seconds(client: bigquery.Client, name: str, question: str) -> float:
    """The median time of a query."""
    sql = _asked(question)
    config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{name}", use_query_cache=False)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        list(client.query_and_wait(sql, job_config=config))
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def seconds_of_all(client: bigquery.Client, name: str, *, kept: bool) -> float:
    """The median time of all queries, one after the other, of tables that have changed since they were asked last."""
    config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{name}", use_query_cache=kept)
    changed = bigquery.Table(f"{PROJECT}.{name}.changed", [bigquery.SchemaField("n", "INT64")])
    times = []
    for _ in range(REPEATS):
        client.delete_table(changed, not_found_ok=True)
        client.create_table(changed)
        started = time.perf_counter()
        for question in QUERIES.values():
            list(client.query_and_wait(_asked(question), job_config=config))
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _asked(question: str) -> str:
    return Path(__file__).with_name(f"views_{question}.sql").read_text()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ads", nargs="*", type=int, default=SIZES)
    sizes = parser.parse_args().ads
    port, grpc_port = ports.held(2)
    with tempfile.TemporaryDirectory() as folder:
        started = server.serve(Path(folder), PROJECT, port, grpc_port)
        client = bigquery.Client(
            PROJECT, AnonymousCredentials(), client_options={"api_endpoint": f"http://127.0.0.1:{port}"}
        )
        print(f"{'ads':>10}  " + "  ".join(f"{name:>24}" for name in (*QUERIES, "all three", "all three, kept")))
        for size in sizes:
            fill(client, f"ads_{size}", size)
            name = f"ads_{size}"
            timed = [seconds(client, name, question) for question in QUERIES.values()]
            timed += [seconds_of_all(client, name, kept=kept) for kept in (False, True)]
            print(f"{size:>10,}  " + "  ".join(f"{each:>22.2f} s" for each in timed), flush=True)
        client.close()
        started.stop()


if __name__ == "__main__":
    main()
