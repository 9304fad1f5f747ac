"""The local BigQuery server, as local/bigquery.py starts it."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter, StructQueryParameter

AWKWARD = "it's \"$value\"\\n'; @value ? -- \n/* ©"

type Parameter = ArrayQueryParameter | ScalarQueryParameter | StructQueryParameter


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (ScalarQueryParameter("value", "STRING", AWKWARD), AWKWARD),
        (ScalarQueryParameter("value", "STRING", ""), ""),
        (ScalarQueryParameter("value", "STRING", None), None),
        (ScalarQueryParameter("value", "INT64", -(2**63)), -(2**63)),
        (ScalarQueryParameter("value", "FLOAT64", 0.1), 0.1),
        (ScalarQueryParameter("value", "BOOL", False), False),
        (ScalarQueryParameter("value", "NUMERIC", Decimal("0.000000001")), Decimal("0.000000001")),
        (
            ScalarQueryParameter("value", "TIMESTAMP", datetime(2026, 2, 28, tzinfo=UTC)),
            datetime(2026, 2, 28, tzinfo=UTC),
        ),
        (ArrayQueryParameter("value", "STRING", [AWKWARD, ""]), [AWKWARD, ""]),
        (ArrayQueryParameter("value", "INT64", []), []),
        (
            StructQueryParameter("value", ScalarQueryParameter("name", "STRING", AWKWARD)),
            {"name": AWKWARD},
        ),
    ],
)
def test_a_parameter_arrives_as_it_is(bigquery_client: bigquery.Client, parameter: Parameter, expected: Any) -> None:
    config = bigquery.QueryJobConfig(query_parameters=[parameter, ScalarQueryParameter("value_2", "STRING", "other")])

    [row] = bigquery_client.query_and_wait("SELECT @value AS value, @value_2 AS other", job_config=config)

    assert (row["value"], row["other"]) == (expected, "other")


@pytest.mark.parametrize("body", ['{"ad_id": "a", "url": "u"}', '"text"', "7", "null", '{"items": null}', "true"])
def test_json_that_is_no_array_has_no_elements_as_in_bigquery(bigquery_client: bigquery.Client, body: str) -> None:
    config = bigquery.QueryJobConfig(query_parameters=[ScalarQueryParameter("body", "STRING", body)])
    functions = ("JSON_QUERY_ARRAY", "JSON_VALUE_ARRAY", "JSON_EXTRACT_ARRAY")
    asked = ", ".join(f"{name}(PARSE_JSON(@body), '$') IS NULL AS {name}" for name in functions)

    [row] = bigquery_client.query_and_wait(f"SELECT {asked}", job_config=config)

    assert dict(row.items()) == dict.fromkeys(functions, True)


def test_text_that_is_no_json_has_none_as_in_bigquery(bigquery_client: bigquery.Client) -> None:
    said = "UNNEST(['', 'x', '{', '[{', '{\"a\": 1}']) AS said"
    functions = ("JSON_QUERY", "JSON_QUERY_ARRAY", "JSON_VALUE", "JSON_VALUE_ARRAY")
    asked = ", ".join(f"{name}(said, '$') IS NULL AS {name}" for name in functions)

    rows = [dict(row.items()) for row in bigquery_client.query_and_wait(f"SELECT {asked} FROM {said}")]

    assert sum(row == dict.fromkeys(functions, True) for row in rows) == 4
    assert sum(not row["JSON_QUERY"] for row in rows) == 1


def test_json_arrays_are_read_element_by_element(bigquery_client: bigquery.Client) -> None:
    sql = """
        SELECT ARRAY(
          SELECT JSON_VALUE(item, '$.a')
          FROM UNNEST(JSON_QUERY_ARRAY(PARSE_JSON('{"items": [{"a": 1}, {"a": "é"}, {"b": 2}]}'), '$.items')) AS item
          WHERE JSON_VALUE(item, '$.a') IS NOT NULL
        ) AS found
    """

    [row] = bigquery_client.query_and_wait(sql)

    assert sorted(row["found"]) == ["1", "é"]


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO {} VALUES (2, 'b')",
        "UPDATE {} SET text = 'c' WHERE number = 1",
        "DELETE FROM {} WHERE number = 1",
        "TRUNCATE TABLE {}",
    ],
)
def test_a_change_of_rows_modifies_the_table_and_reading_does_not(
    bigquery_client: bigquery.Client, change: str
) -> None:
    bigquery_client.create_dataset("modified", exists_ok=True)
    bigquery_client.query_and_wait("CREATE OR REPLACE TABLE modified.rows (number INT64, text STRING)")
    bigquery_client.query_and_wait("CREATE OR REPLACE TABLE modified.others (number INT64)")
    bigquery_client.query_and_wait("INSERT INTO modified.rows VALUES (1, 'a')")
    before = bigquery_client.get_table("modified.rows").modified
    bigquery_client.query_and_wait("SELECT * FROM modified.rows")
    bigquery_client.query_and_wait("INSERT INTO modified.others VALUES (1)")
    untouched = bigquery_client.get_table("modified.rows").modified

    bigquery_client.query_and_wait(change.format("modified.rows"))

    assert untouched == before
    assert bigquery_client.get_table("modified.rows").modified > before


def test_which_columns_are_required_is_told_of_tables_views_and_results(bigquery_client: bigquery.Client) -> None:
    bigquery_client.create_dataset("required", exists_ok=True)
    for statement in (
        "CREATE OR REPLACE TABLE required.kept (number INT64 NOT NULL, parts STRUCT<number INT64, text STRING>)",
        "CREATE OR REPLACE TABLE required.others (number INT64, text STRING NOT NULL)",
        "CREATE OR REPLACE VIEW required.seen AS SELECT number, parts FROM required.kept",
    ):
        bigquery_client.query_and_wait(statement)

    modes = {
        name: {field.name: field.mode for field in bigquery_client.get_table(f"required.{name}").schema}
        for name in ("kept", "others", "seen")
    }
    result = bigquery_client.query("SELECT * FROM required.kept").result()

    assert modes == {
        "kept": {"number": "REQUIRED", "parts": "NULLABLE"},
        "others": {"number": "NULLABLE", "text": "REQUIRED"},
        "seen": {"number": "NULLABLE", "parts": "NULLABLE"},
    }
    assert [(field.name, field.mode) for field in result.schema] == [("number", "NULLABLE"), ("parts", "NULLABLE")]


def test_a_column_that_was_taken_away_or_let_be_null_is_required_no_more(bigquery_client: bigquery.Client) -> None:
    bigquery_client.create_dataset("required", exists_ok=True)
    for statement in (
        "CREATE OR REPLACE TABLE required.changed (number INT64 NOT NULL, text STRING NOT NULL, other STRING NOT NULL)",
        "ALTER TABLE required.changed ALTER COLUMN number DROP NOT NULL",
        "ALTER TABLE required.changed DROP COLUMN text",
    ):
        bigquery_client.query_and_wait(statement)

    schema = bigquery_client.get_table("required.changed").schema

    assert [(field.name, field.mode) for field in schema] == [("number", "NULLABLE"), ("other", "REQUIRED")]


ENDLESS = """
SELECT COUNTIF(MOD(a * b + c, 7) = 3)
FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b, UNNEST(GENERATE_ARRAY(1, 100)) AS c
"""


def test_a_job_is_found_and_listed_while_it_runs_and_when_it_is_done(bigquery_client: bigquery.Client) -> None:
    job = bigquery_client.query(ENDLESS)
    try:
        running = bigquery_client.get_job(job.job_id)
        listed = [each.job_id for each in bigquery_client.list_jobs(state_filter="running")]
    finally:
        job.cancel()
    with pytest.raises(GoogleAPICallError):
        job.result()
    done = bigquery_client.get_job(job.job_id)

    assert isinstance(running, bigquery.QueryJob)
    assert (running.state, running.query) == ("RUNNING", ENDLESS)
    assert job.job_id in listed
    assert (done.state, done.error_result["reason"]) == ("DONE", "stopped")
    assert job.job_id not in [each.job_id for each in bigquery_client.list_jobs(state_filter="running")]
    assert job.job_id in [each.job_id for each in bigquery_client.list_jobs(state_filter="done")]


def test_a_job_that_was_deleted_is_forgotten(bigquery_client: bigquery.Client) -> None:
    job = bigquery_client.query("SELECT 1 AS one")
    assert [dict(row.items()) for row in job.result()] == [{"one": 1}]

    bigquery_client.delete_job_metadata(job)

    with pytest.raises(NotFound):
        bigquery_client.get_job(job.job_id)
    assert job.job_id not in [each.job_id for each in bigquery_client.list_jobs()]


def test_temporary_tables_last_as_long_as_their_script_or_session(bigquery_client: bigquery.Client) -> None:
    make, read = "CREATE TEMP TABLE mine AS SELECT 7 AS x;", "SELECT x FROM mine"
    begun = bigquery_client.query(make, job_config=bigquery.QueryJobConfig(create_session=True))
    begun.result()
    session = begun.session_info
    assert session is not None
    assert session.session_id is not None
    same_session = [bigquery.ConnectionProperty("session_id", session.session_id)]

    in_a_script = [row["x"] for row in bigquery_client.query_and_wait(make + read)]
    in_a_session = bigquery.QueryJobConfig(connection_properties=same_session)

    assert in_a_script == [row["x"] for row in bigquery_client.query_and_wait(read, job_config=in_a_session)] == [7]
    with pytest.raises(GoogleAPICallError, match="mine"):
        bigquery_client.query_and_wait(read)


def test_records_within_a_column_of_a_table_are_read_by_the_names_of_their_fields(
    bigquery_client: bigquery.Client,
) -> None:
    scenes = bigquery.SchemaField("scenes", "RECORD", "REPEATED", fields=[bigquery.SchemaField("start_s", "FLOAT")])
    schema = [bigquery.SchemaField("id", "STRING"), bigquery.SchemaField("features", "RECORD", fields=[scenes])]
    dataset = bigquery_client.create_dataset(f"records_{uuid.uuid4().hex}").dataset_id
    table = bigquery_client.create_table(bigquery.Table(f"{bigquery_client.project}.{dataset}.ads", schema))
    rows: list[dict[str, Any]] = [
        {"id": "a", "features": {"scenes": [{"start_s": 0.5}, {"start_s": 2.0}]}},
        {"id": "b", "features": None},
    ]
    bigquery_client.load_table_from_json(rows, table).result()
    view = bigquery.Table(f"{bigquery_client.project}.{dataset}.shown")
    view.view_query = f"SELECT * FROM `{table}`"
    bigquery_client.create_table(view)
    asked = (
        "SELECT start_s FROM {0}.ads, UNNEST(features.scenes) AS scene WHERE start_s > 1",
        "SELECT start_s FROM {0}.shown, UNNEST(features.scenes) WHERE start_s > 1",
        "SELECT start_s FROM {0}.shown, UNNEST(features.scenes) AS scene WHERE start_s > 1 ORDER BY start_s",
        "SELECT start_s FROM {0}.ads AS a LEFT JOIN UNNEST(a.features.scenes) AS scene WHERE start_s > 1",
        "SELECT (SELECT MAX(start_s) FROM UNNEST(features.scenes) AS scene) AS start_s FROM {0}.ads WHERE id = 'a'",
        "SELECT ARRAY(SELECT start_s FROM UNNEST(features.scenes))[OFFSET(1)] AS start_s FROM {0}.ads WHERE id = 'a'",
        "WITH b AS (SELECT features FROM {0}.ads) SELECT start_s FROM b, b.features.scenes AS s WHERE start_s > 1",
    )

    found = [[row["start_s"] for row in bigquery_client.query_and_wait(each.format(dataset))] for each in asked]

    assert found == [[2.0]] * len(asked)
