"""What BigQuery bills for a question that people ask of a project, after a month and a year of a million ads a day.

    python -m benchmarks.questions

Modelled as in `bill.py`: whole columns, by what BigQuery counts for a value, and the least that there is of each table.
Which columns a statement reads of which tables is told by sqlglot, which puts the views in their place and leaves out
what nobody asks for, as BigQuery does. No batch was given up, no results were brought in; every analysed creative has
its quotations looked up, and a vector. Clustering is not counted on: how large its blocks are nobody says, and of
each day's partition one is read at least (docs.cloud.google.com/bigquery/docs/clustered-tables).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from string import Template

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from benchmarks import bill, lookup
from benchmarks.bill import ADS_A_DAY, CREATIVES_A_DAY, DAYS
from local import dataset
from shared import wiring
from shared.bill import usd
from shared.tables.growth import Column

type Columns = Mapping[str, frozenset[str]]
"""What is read, by table."""

QUESTIONS: Mapping[str, Sequence[str]] = {
    "settle, by the views": ("functions/settle/standing",),
    "status --now": ("creatives/operations/counts_now", "creatives/operations/money"),
    "failures": ("creatives/operations/failures",),
    "export": ("creatives/export/ads",),
    "report": tuple(
        f"creatives/report/{name}" for name in ("outcomes", "spending", "lifts", "fatigue", "daily", "creatives", "ads")
    ),
    "works --pair": ("functions/measure/creatives", "functions/measure/by_campaign"),
    "review": ("creatives/corrections/begun", "creatives/corrections/review"),
    "find": ("creatives/agents/find",),
    "a creative by its id": ("creatives/agents/creative",),
    "a creative's ads": ("creatives/agents/ads_of",),
}
"""Each with the statements that it asks (creatives/, functions/)."""

ANALYSED = 0.7 * CREATIVES_A_DAY
ROWS: Mapping[str, float] = {
    **dict.fromkeys(("raw_ads", "ads", "sightings"), ADS_A_DAY),
    **dict.fromkeys(("fingerprints", "matches", "canonicals"), CREATIVES_A_DAY),
    "images": (1 - lookup.VIDEOS) * CREATIVES_A_DAY,
    "videos": lookup.VIDEOS * CREATIVES_A_DAY,
    **dict.fromkeys(("extractions", "features", "verifications", "embeddings"), ANALYSED),
    "failures": 0.05 * ADS_A_DAY,
}
"""A day; of all other tables a few."""

LENGTHS = bill.LENGTHS | {
    "ad_id": len(bill.AD_ID),
    "event_id": len(bill.AD_ID),
    "answer_uri": len(bill.ADDRESS),
    "thumbnail_uri": len(bill.ADDRESS),
}
REPEATED = {"frames": lookup.VIDEOS * lookup.SECONDS * 4, "vector": 768}
"""Values of a row in the mean; of other lists two."""


_OWN = "tables"
"""Where they are: no name that WITH gives is taken for one of them."""


def columns_read(sql: str) -> Columns:
    """The columns that a statement reads of each table, the views in their place.

    Raises:
        LookupError: when it names something that is not known.
    """
    tree = qualify(
        _parsed(sql), schema=_types(), dialect="bigquery", quote_identifiers=False, validate_qualify_columns=False
    )
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for scope in traverse_scope(pushdown_projections(tree)):
        rows = scope.find_all(exp.TableColumn)  # a table by its name: its whole row
        whole = {each.name for each in (*scope.unqualified_columns, *rows)}
        if unknown := whole - scope.selected_sources.keys():
            raise LookupError(f"{sorted(unknown)} in {scope.expression.sql()[:200]}")
        for name, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table):
                named = {column.name for column in scope.source_columns(name)}
                found[source.name] |= columns(source.name) if name in whole else named
    return found


def columns(table: str) -> frozenset[str]:
    """All that a table has."""
    return frozenset(_sizes(table))


def billed_bytes(read: Columns, days: int) -> float:
    """Of so many days: of each table the columns of all rows, 10 MiB at least."""
    return sum(
        max(lookup.MIN_BYTES, days * ROWS.get(table, 0) * sum(_sizes(table)[column] for column in named))
        for table, named in read.items()
    )


def asked(question: str) -> list[Columns]:
    """What each statement of a question reads."""
    return [columns_read((wiring.ROOT / f"{statement}.sql").read_text()) for statement in QUESTIONS[question]]


def _parsed(sql: str) -> exp.Expr:
    """The statement, in the place of each view what it says."""
    own = dataset.identifiers(lookup.PROJECT, lookup.DATASET) | {
        "pipeline_status": "pipeline_status_kept",  # as in a project (infra/bigquery.tf)
        "saved": "kept_saved",
    }
    tree = sqlglot.parse_one(Template(sql).safe_substitute(own), dialect="bigquery")
    views = wiring.load().views
    for table in list(tree.find_all(exp.Table)):
        name = table.name.rpartition(".")[2]
        alias = exp.TableAlias(this=exp.to_identifier(table.alias or name))
        if table.name in _named_within(table):
            continue
        if name in views:
            within = _parsed((dataset.VIEWS / f"{name}.sql").read_text())
            table.replace(exp.Subquery(this=within, alias=alias))
        else:
            table.replace(exp.Table(this=exp.to_identifier(name), db=exp.to_identifier(_OWN), alias=alias))
    return tree


def _named_within(table: exp.Table) -> set[str]:
    """The names that WITH gives where the table is named; what is defined under one reads what it is named after."""
    names: set[str] = set()
    node: exp.Expr | None = table
    while node is not None:
        with_ = node.args.get("with_")
        names |= {each.alias for each in with_.expressions} if with_ else set()
        if isinstance(node, exp.CTE) and node.parent and not node.parent.args.get("recursive"):
            names.discard(node.alias)
        node = node.parent
    return names


@cache
def _types() -> dict[str, object]:
    tables = wiring.load().tables
    return {_OWN: {table: {column["name"]: _type(column) for column in _schema(table)} for table in tables}}


@cache
def _schema(table: str) -> list[Column]:
    return dataset.columns(wiring.load().tables[table])


def _type(column: Column) -> str:
    names = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
    kind = names.get(column["type"], column["type"])
    if kind == "RECORD":
        kind = f"STRUCT<{', '.join(f'`{each["name"]}` {_type(each)}' for each in column['fields'])}>"
    return f"ARRAY<{kind}>" if column.get("mode") == "REPEATED" else str(kind)


@cache
def _sizes(table: str) -> Mapping[str, float]:
    return {column["name"]: _size(column) for column in _schema(table)}


def _size(column: Column) -> float:
    name, kind = column["name"], column["type"]
    if kind == "RECORD":
        one = sum(_size(each) for each in column["fields"])
    else:
        one = {"STRING": 2 + LENGTHS.get(name, bill.WORD), "NUMERIC": 16, "BOOLEAN": 1}.get(kind, 8)
    return one * (REPEATED.get(name, 2) if column.get("mode") == "REPEATED" else 1)


def main() -> None:
    """Prints a line for each question."""
    print(
        f"{'question':>22}{'statements':>12}{'tables':>8}{'least, MiB':>12}"
        + "".join(f"{f'day {day}, $':>12}" for day in DAYS)
    )
    for question in QUESTIONS:
        read = asked(question)
        tables = sum(len(each) for each in read)
        told = "".join(f"{usd(sum(billed_bytes(each, day) for each in read)):>12.2f}" for day in DAYS)
        print(f"{question:>22}{len(read):>12}{tables:>8}{tables * lookup.MIN_BYTES / 2**20:>12.0f}{told}", flush=True)


if __name__ == "__main__":
    main()
