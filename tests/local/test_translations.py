"""The local BigQuery translates a query once, and tells all the same what it is asked with, of tables as they are."""

from decimal import Decimal
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, StructQueryParameter

from tests.bigquery import Dataset

TEXTS = ["it's", 'a "quoted" one', "$p", "@p", "''", "\\'", "two\nlines", "ß 漢 🙂", "", None]


def told(client: bigquery.Client, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    rows = client.query_and_wait(sql, job_config=QueryJobConfig(query_parameters=[*parameters]))
    return [tuple(row.values()) for row in rows]


def test_the_same_query_is_told_what_it_is_asked_with(bigquery_client: bigquery.Client) -> None:
    asked = [told(bigquery_client, "SELECT @p, '$p'", ScalarQueryParameter("p", "STRING", text)) for text in TEXTS]

    assert asked == [[(text, "$p")] for text in TEXTS]


@pytest.mark.parametrize(
    ("kind", "value"), [("INT64", 7), ("FLOAT64", 7.5), ("NUMERIC", Decimal("7.25")), ("BYTES", b"7"), ("BOOL", True)]
)
def test_the_same_query_of_other_types_is_another(bigquery_client: bigquery.Client, kind: str, value: Any) -> None:
    assert told(bigquery_client, "SELECT @p", ScalarQueryParameter("p", kind, value)) == [(value,)]


def test_lists_structs_and_nameless_parameters_have_their_values(bigquery_client: bigquery.Client) -> None:
    names = ["o'neill", "b"]
    pair = StructQueryParameter(
        "pair", ScalarQueryParameter("id", "INT64", 1), ScalarQueryParameter("name", "STRING", "'")
    )
    rows = told(bigquery_client, "SELECT @names, @pair.name", ArrayQueryParameter("names", "STRING", names), pair)
    nameless = [
        told(bigquery_client, "SELECT ?, ?", *(ScalarQueryParameter(None, "INT64", n) for n in pair))
        for pair in ((1, 2), (2, 1))
    ]

    assert rows == [(names, "'")]
    assert nameless == [[(1, 2)], [(2, 1)]]


def test_what_is_noted_of_a_table_holds_for_a_query_that_ran_before(dataset: Dataset) -> None:
    table = bigquery.Table(dataset.full_name("filtered"), [bigquery.SchemaField("day", "DATE")])
    table.time_partitioning = bigquery.TimePartitioning(field="day")
    table = dataset.client.create_table(table)
    try:
        sql = f"SELECT COUNT(*) FROM `{dataset.full_name('filtered')}`"
        before = told(dataset.client, sql)
        table.require_partition_filter = True
        dataset.client.update_table(table, ["require_partition_filter"])

        assert before == [(0,)]
        with pytest.raises(BadRequest, match="without a filter over column"):
            told(dataset.client, sql)
    finally:
        dataset.client.delete_table(table)
