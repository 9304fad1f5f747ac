"""How long the views take on the local BigQuery: `ads_enriched` and `pipeline_status` at 10^4, 10^5 and 10^6 ads.

    .venv/bin/python benchmarks/views.py [ADS …]

A fifth as many creatives as ads, 30 % of them duplicates, 10 % of the URLs dead; half the ads are raw ads (views.sql).
The median of three queries is told. A query by `source` is what `creatives analyze` asks.
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
from local import dataset, processes
from shared import wiring

PROJECT = "bench"
SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 3

QUERIES = {
    "pipeline_status": "SELECT * FROM pipeline_status",
    "ads_enriched, all rows": "SELECT COUNT(*), COUNTIF(features.text IS NULL), SUM(cost_share_usd) FROM ads_enriched",
    "ads_enriched, 100 URLs": "SELECT * FROM ads_enriched WHERE source IN UNNEST(ARRAY("
    "SELECT CONCAT('https://x.example/', CAST(n AS STRING)) FROM UNNEST(GENERATE_ARRAY(1, 100)) AS n))",
}

START = datetime(2026, 11, 2, 8, tzinfo=UTC)


def fill(client: bigquery.Client, name: str, ads: int) -> None:
    """Makes the dataset `name` with the rows of views.sql."""
    dataset.ensure(client, wiring.load(), project=PROJECT, dataset=name)
    config = bigquery.QueryJobConfig(
        default_dataset=f"{PROJECT}.{name}",
        query_parameters=[
            bigquery.ScalarQueryParameter("ads", "INT64", ads),
            bigquery.ScalarQueryParameter("start", "TIMESTAMP", START),
        ],
    )
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            client.query_and_wait(statement, job_config=config)


def seconds(client: bigquery.Client, name: str, sql: str) -> float:
    """The median time of a query."""
    config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{name}", use_query_cache=False)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        list(client.query_and_wait(sql, job_config=config))
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ads", nargs="*", type=int, default=SIZES)
    sizes = parser.parse_args().ads
    port, grpc_port = processes.free_ports(2)
    with tempfile.TemporaryDirectory() as folder:
        started = server.serve(Path(folder), PROJECT, port, grpc_port)
        client = bigquery.Client(
            PROJECT, AnonymousCredentials(), client_options={"api_endpoint": f"http://127.0.0.1:{port}"}
        )
        print(f"{'ads':>10}  " + "  ".join(f"{name:>24}" for name in QUERIES))
        for size in sizes:
            fill(client, f"ads_{size}", size)
            timed = "  ".join(f"{seconds(client, f'ads_{size}', sql):>22.2f} s" for sql in QUERIES.values())
            print(f"{size:>10,}  {timed}", flush=True)
        client.close()
        started.stop()


if __name__ == "__main__":
    main()
