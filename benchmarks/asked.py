"""How long words are looked for among many creatives by the local BigQuery, as `creatives find` asks.

    python -m benchmarks.asked [--creatives 10000]

The rows are those of benchmarks/views.py with texts of benchmarks/finding_tuned.yaml, a few ads' words each. The first
question after a change computes the views; what is told is the median of the three after it, each with other words.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from benchmarks import finding, views
from creatives.agents import asking
from creatives.agents.words import terms
from creatives.operations.tables import Tables
from local import bigquery as server
from local import ports

ADS_OF_ONE = 5
AGAIN = views.START + timedelta(days=1)
ASKED = {
    "two words": ("summer sale", "espresso mug", "garden chair"),
    "names in five languages": ("red sofa", "blue bike", "green car"),
    "a number and a share": ("1,299 -25 %", "24 50 %", "99 20 %"),
    "nine patterns": ("1 2,5 3 4% 5 6 7 8 9", "11 22 33 44 55 66 77 88 99", "red blue green 5g 4% 24/7 7 8 9"),
}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creatives", type=int, default=10_000)
    size = parser.parse_args().creatives
    with _tables(size) as tables:
        print(f"{size:,} creatives; the first question: {_seconds(tables, 'coffee'):.2f} s")
        for name, queries in ASKED.items():
            n_patterns = max(sum(term.is_pattern for term in terms(query)) for query in queries)
            taken_s = statistics.median(_seconds(tables, query) for query in queries)
            print(f"{name + ',':28} {n_patterns} patterns at most: {taken_s:6.2f} s")


@contextmanager
def _tables(size: int) -> Iterator[Tables]:
    port, grpc_port = ports.held(2)
    with tempfile.TemporaryDirectory() as folder:
        started = server.serve(Path(folder), views.PROJECT, port, grpc_port)
        options = {"api_endpoint": f"http://127.0.0.1:{port}"}
        client = bigquery.Client(views.PROJECT, AnonymousCredentials(), client_options=options)
        views.fill(client, "asked", size * ADS_OF_ONE)
        _say(client, size)
        yield Tables(client, f"{views.PROJECT}.asked", Path(asking.__file__).parent)
        client.close()
        started.stop()


def _say(client: bigquery.Client, size: int) -> None:
    """Answers each creative once more, with the words of three ads."""
    said, _ = finding.ads("tuned")
    answers = [
        {
            "event_id": "again",
            "occurred_at": AGAIN.isoformat(),
            "creative_id": f"{nth:040}",
            "kind": "image",
            "extractor": "gemini",
            "model": "gemini-3.5-flash-lite",
            "feature_model": "m",
            "feature_version": "1",
            "prompt_version": "1",
            "features": {"text": " ".join(said[(step * nth + step) % len(said)] for step in (1, 7, 11))},
        }
        for nth in range(size)
        if nth % 10 > 2  # the others are copies
    ]
    client.load_table_from_json(
        answers,
        f"{client.project}.asked.features",
        job_config=bigquery.LoadJobConfig(schema=client.get_table(f"{client.project}.asked.features").schema),
    ).result()


def _seconds(tables: Tables, query: str) -> float:
    began = time.perf_counter()
    asking.with_words(tables, terms(query), asking.MOST)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
