"""Results of lists into their table, of the local pipeline or of a project: by load jobs, fifty thousand rows each.

The topic `results` is for others that tell what ads got, a row a message: a million messages take twenty times as long
as a million rows that are loaded, and a load is not billed.
"""

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

from shared import clients
from shared.counting import many, verb
from shared.events import Result
from shared.results.kept import Results

if TYPE_CHECKING:
    from google.cloud import bigquery, pubsub_v1

    from creatives.operations.tables import Tables
    from functions.measure.settings import MeasureSettings

FOLDER = Path(__file__).parent
AT_A_TIME = 50_000
"""Rows of a load: some 20 MB."""


def load(
    client: "bigquery.Client", dataset: str, rows: Results, on_progress: Callable[[int], object] = lambda _: None
) -> None:
    """Loads the results into the table of a dataset (project.dataset); tells how many each time that some are there.

    What fails on its way may be loaded again: of an ad, day, network and place the newest row holds.

    Raises:
        GoogleAPIError: the client's, when something could not be loaded.
    """
    if not rows:
        return
    for some in batched(rows.as_json(), AT_A_TIME, strict=False):
        _append(client, f"{dataset}.{Result.TOPIC}", some)
        on_progress(len(some))


def _append(client: "bigquery.Client", table_name: str, lines: Sequence[str]) -> None:
    from google.cloud import bigquery

    table = client.get_table(table_name)
    config = bigquery.LoadJobConfig(
        schema=table.schema,
        source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
        write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
    )
    content = "\n".join(lines).encode()
    job = client.load_table_from_file(
        io.BytesIO(content), table, size=len(content), location=table.location, job_config=config
    )
    job.result()


def measure(client: "bigquery.Client", settings: "MeasureSettings | None" = None) -> None:
    """Measures what works here and now, into the tables that the stage `measure` fills where a pipeline runs.

    Raises:
        GoogleAPIError: the client's, when something could not be read or loaded.
        FeatureModelError: when the feature model that the settings name cannot be used.
    """
    from functions.measure import measuring
    from functions.measure.settings import MeasureSettings

    settings = settings or MeasureSettings.load()
    now = datetime.now(UTC)
    told = defaultdict[str, list[str]](list)
    for event in measuring.run(client, settings, now, f"results-{now:%Y%m%dT%H%M%S}"):
        told[event.TOPIC].append(event.model_dump_json(exclude_none=True))
    for topic, lines in told.items():
        _append(client, f"{settings.full_dataset}.{topic}", lines)


def unknown(tables: "Tables", runs: Sequence[str]) -> Iterator[str]:
    """Which ads of lists of results (by their `runs`) are not known here: what they got is no creative's."""
    (found,) = tables.ask("unknown", runs=runs)
    if found["ads"]:
        yield (
            f"{found['ads']:,} of {many(found['ads_with_results'], 'ad')} with results "
            f"{verb(found['ads'], 'is', 'are')} not known here, e.g. {', '.join(found['ad_ids'])}: "
            "these results are no creative's until an ad of that id is analysed"
        )


def ask_to_measure(publisher: "pubsub_v1.PublisherClient", project: str) -> None:
    """Asks the local pipeline to measure now, not with the day's tick."""
    publisher.publish(clients.topic_path(project, "measure-ticks"), b'{"tick": "results"}').result(timeout=60)
