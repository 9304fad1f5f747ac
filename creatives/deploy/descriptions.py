"""What the columns of views mean, written into BigQuery once the views are there.

    python -m creatives.deploy.descriptions my-project.creatives

Of tables Terraform says it, with their schemas. A view's schema BigQuery makes from its query, anew whenever that
changes, and takes descriptions only of the columns that it then has. So they are written after each `terraform apply`,
and only where they differ: twice changes nothing. `make deploy` and cloudbuild.yaml do so.
"""

import argparse
import sys
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from creatives.deploy.programs import tell
from shared import wiring
from shared.clients import bigquery_client
from shared.tables import meanings

RETRY = DEFAULT_RETRY.with_timeout(60)

FAULTS = (GoogleAPIError, GoogleAuthError, OSError)
"""What may keep from writing them: BigQuery's answers, no credentials, no network."""


def write(client: bigquery.Client, dataset: str) -> list[str]:
    """Writes what the columns of the dataset's views mean; gives the names of those views where that was not there yet.

    Args:
        client: of whoever may update tables there.
        dataset: `project.dataset`.

    Raises:
        GoogleAPIError, GoogleAuthError, OSError: what kept from it; what was written by then stays.
    """
    wired = wiring.load()
    there = {each.table_id for each in client.list_tables(dataset, retry=RETRY, timeout=30)}
    tables = {
        name: dict(meanings.by_path(_schema(_get(client, dataset, name)))) for name in wired.tables if name in there
    }
    views = [view for view in meanings.of_views(wired, tables) if view.name in there]
    return [view.name for view in views if _describe(client, _get(client, dataset, view.name), view.meanings)]


def _describe(client: bigquery.Client, view: bigquery.Table, means: meanings.Meanings) -> bool:
    """Whether anything was to be written."""
    before = _schema(view)
    after = meanings.described(before, means)
    if after == before:
        return False
    view.schema = [bigquery.SchemaField.from_api_repr(column) for column in after]
    client.update_table(view, ["schema"], retry=RETRY, timeout=30)
    return True


def _get(client: bigquery.Client, dataset: str, name: str) -> bigquery.Table:
    return client.get_table(f"{dataset}.{name}", retry=RETRY, timeout=30)


def _schema(table: bigquery.Table) -> list[dict[str, Any]]:
    return [column.to_api_repr() for column in table.schema]


def main() -> None:
    """The command; a fault is told without a traceback."""
    parser = argparse.ArgumentParser(
        prog="python -m creatives.deploy.descriptions", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("dataset", metavar="PROJECT.DATASET", help="where the views are")
    dataset = parser.parse_args().dataset
    project, dot, name = dataset.rpartition(".")
    if not (project and dot and name):
        parser.error(f"{dataset!r} is not PROJECT.DATASET")
    try:
        written = write(bigquery_client(project), dataset)
    except FAULTS as error:
        sys.exit(f"descriptions: not all written: {error}")
    tell(f"descriptions: written to {', '.join(written) or 'no view: all were there'}")


if __name__ == "__main__":
    main()
