"""The dataset in the local BigQuery: tables and views, made from the very files that Terraform makes them from.

View files hold `${…}` where identifiers stand, as Terraform's `templatefile` replaces them; never values.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.wiring import ROOT, Pipeline, Table

if TYPE_CHECKING:
    from google.cloud import bigquery

SCHEMAS = ROOT / "infra" / "schemas"
VIEWS = ROOT / "infra" / "views"

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class RawAds:
    """The table of raw ads that the views read.

    Attributes:
        table: as project.dataset.table; None for the dataset's own `raw_ads`.
        id_column: the column with the ad's id.
        url_columns: the columns with the addresses of its creatives: of text, of lists of it, or of JSON.
        filter: a condition that holds for every row, where the table is not read without one on its partitions.
    """

    table: str | None = None
    id_column: str = "ad_id"
    url_columns: Sequence[str] = ("url", "video_url")
    filter: str = "TRUE"


def ensure(
    client: "bigquery.Client",
    wired: Pipeline,
    *,
    project: str,
    dataset: str,
    raw_ads: RawAds = RawAds(),
    views_anew: bool = False,
) -> None:
    """Makes the dataset what the files say: missing tables are created, missing columns added, views replaced.

    Doing so again changes nothing, unless all views are wanted `views_anew`: they keep the SQL of DuckDB that they were
    translated to when they were made.

    Raises:
        GoogleAPIError: the client's, when a table cannot be changed so (a column of another type) or a view is wrong.
    """
    place = f"{project}.{dataset}"
    client.create_dataset(place, exists_ok=True)
    known = {table.table_id for table in client.list_tables(place)}  # asking for each costs seconds
    changed = [
        _ensure_table(client, f"{place}.{name}", table, exists=name in known) for name, table in wired.tables.items()
    ]
    for view in wired.views:
        sql = view_query(view, project=project, dataset=dataset, raw_ads=raw_ads)
        # What has changed may be read by any of the views that follow: they are made again too.
        changed.append(
            _ensure_view(client, f"{place}.{view}", sql, exists=view in known, anew=views_anew or any(changed))
        )


def view_query(view: str, *, project: str, dataset: str, raw_ads: RawAds = RawAds()) -> str:
    """A view's query, its identifiers filled in as `templatefile` does.

    Raises:
        KeyError: when the file names an identifier that is not known.
    """
    filled_in = identifiers(project, dataset, raw_ads)
    return _PLACEHOLDER.sub(lambda found: filled_in[found[1]], (VIEWS / f"{view}.sql").read_text())


def identifiers(project: str, dataset: str, raw_ads: RawAds = RawAds()) -> dict[str, str]:
    """What stands for each `${…}` of the view files."""
    return {
        "project": project,
        "dataset": dataset,
        "deployment": "",  # here names have no prefix
        "raw_ads": raw_ads.table or f"{project}.{dataset}.raw_ads",
        "raw_ad_id": raw_ads.id_column,
        "raw_ad_urls": ", ".join(f"TO_JSON(raw.`{column}`)" for column in raw_ads.url_columns),
        "raw_ads_filter": raw_ads.filter,
    }


def schema(table: Table) -> "list[bigquery.SchemaField]":
    """A table's columns."""
    from google.cloud import bigquery

    columns = json.loads((SCHEMAS / table.schema_file).read_text())
    return [bigquery.SchemaField.from_api_repr(column) for column in columns]


def _ensure_table(client: "bigquery.Client", name: str, table: Table, *, exists: bool) -> bool:
    """Makes the table what it should be; says whether it was not."""
    wanted = schema(table)
    if not exists:
        client.create_table(_new_table(name, table, wanted))
        return True
    existing = client.get_table(name)
    merged = with_added(existing.schema, wanted)
    if merged == list(existing.schema):
        return False
    existing.schema = merged
    client.update_table(existing, ["schema"])
    return True


def _ensure_view(client: "bigquery.Client", name: str, sql: str, *, exists: bool, anew: bool) -> bool:
    """Makes the view what it should be, or makes it anew in any case; says whether it did anything.

    Never by an update: local-bigquery 0.3.2 notes the new query of a view, and goes on answering with the old one.
    """
    from google.cloud import bigquery

    if exists:
        if not anew and client.get_table(name).view_query == sql:
            return False
        client.delete_table(name)
    view = bigquery.Table(name)
    view.view_query = sql
    client.create_table(view)
    return True


def _new_table(name: str, table: Table, columns: "list[bigquery.SchemaField]") -> "bigquery.Table":
    from google.cloud import bigquery

    new = bigquery.Table(name, schema=columns)
    if table.partition:
        new.time_partitioning = bigquery.TimePartitioning(field=table.partition)
    if table.clustering:
        new.clustering_fields = list(table.clustering)
    return new


def with_added(
    existing: "Sequence[bigquery.SchemaField]", wanted: "Sequence[bigquery.SchemaField]"
) -> "list[bigquery.SchemaField]":
    """The existing columns, and after them those that only `wanted` has; the same within records.

    What `wanted` does not ask of every row is no longer asked.
    """
    names = {column.name for column in existing}
    news = {column.name: column for column in wanted}
    grown = [_grown(column, news[column.name]) if column.name in news else column for column in existing]
    return grown + [column for column in wanted if column.name not in names]


def _grown(existing: "bigquery.SchemaField", wanted: "bigquery.SchemaField") -> "bigquery.SchemaField":
    from google.cloud import bigquery

    fields = with_added(existing.fields, wanted.fields)
    mode = "NULLABLE" if (existing.mode, wanted.mode) == ("REQUIRED", "NULLABLE") else existing.mode
    if fields == list(existing.fields) and mode == existing.mode:
        return existing
    return bigquery.SchemaField.from_api_repr(
        {**existing.to_api_repr(), "mode": mode, "fields": [field.to_api_repr() for field in fields]}
    )
