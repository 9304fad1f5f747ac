"""How long the views take on the local BigQuery: `ads_enriched` and `pipeline_status` at 10^4, 10^5 and 10^6 ads.

    .venv/bin/python benchmarks/views.py [ADS …]

A fifth as many creatives as ads, 30 % of them duplicates, 10 % of the URLs dead; half the ads are raw ads
(views_fill.sql). The median of three queries is told. A query by `source` is what `creatives analyze`
asks.
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
    sql = Path(__file__).with_name(f"views_{question}.sql").read_text()
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
    port, grpc_port = ports.held(2)
    with tempfile.TemporaryDirectory() as folder:
        started = server.serve(Path(folder), PROJECT, port, grpc_port)
        client = bigquery.Client(
            PROJECT, AnonymousCredentials(), client_options={"api_endpoint": f"http://127.0.0.1:{port}"}
        )
        print(f"{'ads':>10}  " + "  ".join(f"{name:>24}" for name in QUERIES))
        for size in sizes:
            fill(client, f"ads_{size}", size)
            timed = "  ".join(f"{seconds(client, f'ads_{size}', question):>22.2f} s" for question in QUERIES.values())
            print(f"{size:>10,}  {timed}", flush=True)
        client.close()
        started.stop()


if __name__ == "__main__":
    main()
