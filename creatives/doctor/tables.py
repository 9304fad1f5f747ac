"""Tables against the schema files, views that answer, what was given up, what was spent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from string import Template

from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery

from creatives.doctor import services
from creatives.doctor.check import APPLY, Check, Deployment, fault, warning, well
from local import dataset
from shared.wiring import Table

# The same type has two names, one in the API and one in SQL.
_SAME = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}

_DEFAULTS = "New tables get it from their dataset: take its default expiration away, too."


def tables(deployment: Deployment) -> Iterator[Check]:
    """Each table of pipeline.yaml, column by column."""
    for name, wired in deployment.wired.tables.items():
        yield _compared(name, wired, deployment)


def _compared(name: str, wired: Table, deployment: Deployment) -> Check:
    what = f"table {name}"
    full_name = f"{deployment.project}.{deployment.settings.dataset}.{name}"
    try:
        found = deployment.bigquery.get_table(full_name)
    except NotFound:
        return fault(what, "does not exist", APPLY)
    if option := losing(wired, found):
        advice = f"Run: ALTER TABLE `{full_name}` SET OPTIONS ({option} = NULL). {_DEFAULTS}"
        return fault(what, f"loses rows by {option}: what is gone is imported and paid for again", advice)
    faults = [*_differences(dataset.schema(wired), found.schema)]
    if faults:
        return fault(
            what, "; ".join(faults), f"{APPLY} A column's type cannot be changed: move its rows to a new table."
        )
    return well(what, f"{len(found.schema)} columns")


def losing(wired: Table, found: bigquery.Table) -> str | None:
    """The option by which the table loses rows that are needed; None where it keeps them."""
    if wired.written_by:
        return None
    if found.expires:
        return "expiration_timestamp"
    parting = found.time_partitioning
    return "partition_expiration_days" if parting and parting.expiration_ms and not wired.keep_days else None


def _differences(
    wanted: list[bigquery.SchemaField], found: list[bigquery.SchemaField], within: str = ""
) -> Iterator[str]:
    """What rows of `wanted` do not find in `found`: such rows are refused and end in the dead letters."""
    by_name = {field.name: field for field in found}
    for column in wanted:
        name = f"{within}{column.name}"
        other = by_name.pop(column.name, None)
        if other is None:
            yield f"lacks the column {name}"
        elif _type(column) != _type(other):
            yield f"{name} is {_type(other)}, should be {_type(column)}"
        else:
            yield from _differences(list(column.fields), list(other.fields), f"{name}.")
    for column in by_name.values():
        if column.mode == "REQUIRED":
            yield f"{within}{column.name} is required, though no row has it"


def _type(column: bigquery.SchemaField) -> str:
    return f"{_SAME.get(column.field_type, column.field_type)}{' list' if column.mode == 'REPEATED' else ''}"


def views(deployment: Deployment) -> Iterator[Check]:
    """Each view: whether it is there and its columns still exist. Nothing is read, so nothing is paid."""
    for name in deployment.wired.views:
        full_name = f"{deployment.project}.{deployment.settings.dataset}.{name}"
        config = bigquery.QueryJobConfig(dry_run=not deployment.is_local)
        try:
            deployment.bigquery.query(Template(_sql("view")).substitute(view=full_name), job_config=config).result()
        except (BadRequest, NotFound) as error:
            yield fault(f"view {name}", f"does not answer: {error.message}"[:300], APPLY)
        else:
            yield well(f"view {name}", "answers")


def given_up(deployment: Deployment) -> Iterator[Check]:
    """Messages that were given up in the last day."""
    [row] = _query(
        deployment,
        "given_up",
        [bigquery.ScalarQueryParameter("since", "TIMESTAMP", datetime.now(UTC).replace(hour=0, minute=0, second=0))],
    )
    if row["given_up"]:
        advice = "See why with `creatives failures`, mend the cause, then `creatives replay`."
        yield warning("dead letters", f"{row['given_up']} given up today", advice)
    else:
        yield well("dead letters", "none today")


def money(deployment: Deployment) -> Iterator[Check]:
    """What was spent today against the budget."""
    today = datetime.now(UTC).date()
    spent = _spent(deployment, today)
    budget = _amount(services.variables(deployment).get("DAILY_BUDGET_USD", ""))
    if budget is None:
        yield well("budget", f"${spent:.2f} spent today, no daily limit is known")
    elif spent >= budget:
        advice = "It goes on by itself after midnight UTC, or sooner with a higher DAILY_BUDGET_USD."
        yield warning("budget", f"${spent:.2f} of ${budget} are spent: extraction waits", advice)
    else:
        yield well("budget", f"${spent:.2f} of ${budget} spent today")


def _spent(deployment: Deployment, day: date) -> Decimal:
    [row] = _query(
        deployment,
        "spent",
        [bigquery.ScalarQueryParameter("day", "DATE", day)],
    )
    return Decimal(str(row["spent"]))


def _query(
    deployment: Deployment, question: str, parameters: list[bigquery.ScalarQueryParameter]
) -> list[dict[str, object]]:
    default = f"{deployment.project}.{deployment.settings.dataset}"
    config = bigquery.QueryJobConfig(default_dataset=default, query_parameters=parameters)
    return [dict(row.items()) for row in deployment.bigquery.query_and_wait(_sql(question), job_config=config)]


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
