"""The dataset in the local BigQuery: tables and views, made from the very files that Terraform makes them from.

View files hold `${…}` where identifiers stand, as Terraform's `templatefile` replaces them; never values. What the
feature model in use asks beyond the files is added to them here, as `generate.schemas` adds it there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shared import features
from shared.features import ImageFeatures
from shared.tables import corrected, marks
from shared.tables.columns import columns_of
from shared.tables.corrected import Place
from shared.tables.growth import Column, SchemaChangeError, grown
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
    model: type[BaseModel] = ImageFeatures,
    views_anew: bool = False,
) -> None:
    """Makes the dataset what the files say: missing tables are created, missing columns added, views replaced.

    Doing so again changes nothing, unless all views are wanted `views_anew`: they keep the SQL of DuckDB that they were
    translated to when they were made.

    Args:
        client: of the server.
        wired: names the tables and views.
        project: the dataset is in.
        dataset: its name.
        raw_ads: what the views read.
        model: the feature model in use; what earlier ones asked stays.
        views_anew: whether to make views that are as they should be.

    Raises:
        GoogleAPIError: the client's, when a table cannot be changed so or a view is wrong.
        SchemaChangeError: when a column would have another type than it has; that table is as it was.
    """
    place = f"{project}.{dataset}"
    client.create_dataset(place, exists_ok=True)
    known = {table.table_id for table in client.list_tables(place)}  # asking for each costs seconds
    ensured = {
        name: _ensure_table(client, f"{place}.{name}", table, columns(table, model), exists=name in known)
        for name, table in wired.tables.items()
    }
    changed = [each.changed for each in ensured.values()]
    noted = client.get_table(f"{place}.{corrected.VIEW}").view_query if corrected.VIEW in known else ""
    before = corrected.remembered(noted)
    parts = corrected.parts(ensured["features"].columns, model, before) if "features" in ensured else {}
    for view in wired.views:
        sql = view_query(view, project=project, dataset=dataset, raw_ads=raw_ads, parts=parts)
        # What has changed may be read by any of the views that follow: they are made again too.
        changed.append(
            _ensure_view(client, f"{place}.{view}", sql, exists=view in known, anew=views_anew or any(changed))
        )


def columns(table: Table, model: type[BaseModel] = ImageFeatures) -> list[Column]:
    """The columns of a table's file, and after them what only answers to the feature model have.

    Raises:
        SchemaChangeError: when a field of the model has another type than the column of its name.
    """
    found: list[Column] = json.loads((SCHEMAS / table.schema_file).read_text())
    asked = next(each for each in columns_of(features.features_event(model)) if each["name"] == "features")
    return [grown([each], [asked], table.schema_file)[0] if _holds_features(each) else each for each in found]


def _holds_features(column: Column) -> bool:
    return bool(column["name"] == "features" and column["type"] == "RECORD")


def view_query(
    view: str, *, project: str, dataset: str, raw_ads: RawAds = RawAds(), parts: Mapping[Place, str] | None = None
) -> str:
    """A view's query, its identifiers filled in as `templatefile` does, and `parts` instead of its file's.

    Raises:
        KeyError: when the file names an identifier that is not known.
    """
    filled_in = identifiers(project, dataset, raw_ads)
    text = (VIEWS / f"{view}.sql").read_text()
    for (where, mark), made in (parts or {}).items():
        if where == view:
            text = marks.between(marks.in_sql(mark), text, made)
    return _PLACEHOLDER.sub(lambda found: filled_in[found[1]], text)


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
        "pipeline_status": "pipeline_status_now",  # here nothing waits for a tick
        "saved": "saved_now",
    }


def schema(table: Table) -> "list[bigquery.SchemaField]":
    """A table's columns."""
    return _fields(json.loads((SCHEMAS / table.schema_file).read_text()))


def _fields(columns: Sequence[Column]) -> "list[bigquery.SchemaField]":
    from google.cloud import bigquery

    return [bigquery.SchemaField.from_api_repr(column) for column in columns]


@dataclass(frozen=True)
class _Ensured:
    """A table as it is now, and whether it was otherwise."""

    columns: list[Column]
    changed: bool


def _ensure_table(
    client: "bigquery.Client", name: str, table: Table, columns: list[Column], *, exists: bool
) -> _Ensured:
    """Makes the table what it should be."""
    wanted = _fields(columns)
    if not exists:
        client.create_table(_new_table(name, table, wanted))
        return _Ensured(columns, changed=True)
    existing = client.get_table(name)
    merged = with_added(existing.schema, wanted)
    changed = merged != list(existing.schema)
    if changed:
        existing.schema = merged
        client.update_table(existing, ["schema"])
    return _Ensured([field.to_api_repr() for field in merged], changed)


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
    view.description = marks.about(sql)
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

    What `wanted` does not ask of every row is no longer asked; what it says of a column holds.

    Raises:
        SchemaChangeError: when a column of the same name has another type, or is a list in one of them only.
    """
    names = {column.name for column in existing}
    news = {column.name: column for column in wanted}
    grown = [_grown(column, news[column.name]) if column.name in news else column for column in existing]
    return grown + [column for column in wanted if column.name not in names]


def _grown(existing: "bigquery.SchemaField", wanted: "bigquery.SchemaField") -> "bigquery.SchemaField":
    from google.cloud import bigquery

    if _kind(existing) != _kind(wanted):
        raise SchemaChangeError(
            f"{existing.name} is {_kind(existing)} in the table and would be {_kind(wanted)}: a column keeps its type. "
            "Give the field another name, or start on a new folder by --data."
        )
    fields = with_added(existing.fields, wanted.fields)
    mode = "NULLABLE" if (existing.mode, wanted.mode) == ("REQUIRED", "NULLABLE") else existing.mode
    told = wanted.description or existing.description
    if (fields, mode, told) == (list(existing.fields), existing.mode, existing.description):
        return existing
    described = {"description": told} if told else {}
    return bigquery.SchemaField.from_api_repr(
        {**existing.to_api_repr(), **described, "mode": mode, "fields": [field.to_api_repr() for field in fields]}
    )


_SAME_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}


def _kind(column: "bigquery.SchemaField") -> str:
    name = _SAME_TYPES.get(column.field_type, column.field_type)
    return f"{name} list" if column.mode == "REPEATED" else name
