"""The local BigQuery does not run a query again whose answer must be the same, and runs every other."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from google.api_core.exceptions import NotFound
from google.cloud import bigquery
from google.cloud.bigquery import QueryJobConfig

from local.query_cache import is_volatile
from tests.bigquery import SHARED, Dataset, client_of, served
from tests.cases import first_of

DEFINED = re.compile(r"^CREATE MACRO (\w+)(.*?);$", re.MULTILINE | re.DOTALL)
"""A macro of local-bigquery: its name, and what it does."""

ROWS = "SELECT n FROM `{place}.v` ORDER BY n"

type Change = Callable[[bigquery.Client, str], object]


def asked(client: bigquery.Client, sql: str, config: QueryJobConfig | None = None) -> bigquery.QueryJob:
    job = client.query(sql, job_config=config)
    job.result()
    return job


def rows(job: bigquery.QueryJob) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in job.result()]


@pytest.fixture(scope="module")
def bigquery_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.Client]:
    """Of a server of its own: where other tests have left a view that tells the time, nothing is kept."""
    with served(tmp_path_factory.mktemp("cached")) as url, client_of(url) as client:
        yield client


@pytest.fixture(scope="module")
def module_dataset(bigquery_client: bigquery.Client) -> Dataset:
    """The pipeline's tables, empty, and its views, on that server."""
    return Dataset(bigquery_client, SHARED)


@pytest.fixture(scope="module")
def place(bigquery_client: bigquery.Client) -> Iterator[str]:
    place = f"{bigquery_client.project}.cached"
    bigquery_client.create_dataset(place)
    bigquery_client.query_and_wait(
        f"CREATE TABLE `{place}.t` (n INT64); INSERT INTO `{place}.t` (n) VALUES (1), (2); "
        f"CREATE TABLE `{place}.other` AS SELECT 7 AS n; CREATE VIEW `{place}.v` AS SELECT n FROM `{place}.t`; "
        f"CREATE FUNCTION `{place}.f`(x INT64) AS (x + 1)"
    )
    yield place
    bigquery_client.delete_routine(f"{place}.f", not_found_ok=True)
    bigquery_client.delete_dataset(place, delete_contents=True)


@pytest.mark.long
@pytest.mark.parametrize("view", first_of(["pipeline_status", "ads_enriched", "matches"]))
def test_a_view_of_the_pipeline_is_read_once(dataset: Dataset, view: str) -> None:
    sql = f"SELECT * FROM `{dataset.full_name(view)}`"
    first, again = asked(dataset.client, sql), asked(dataset.client, sql)

    assert (first.cache_hit, again.cache_hit) == (False, True)
    assert rows(again) == rows(first)
    assert again.schema == first.schema


def test_what_is_asked_in_one_request_is_read_once(dataset: Dataset) -> None:
    sql = f"SELECT COUNT(*) AS ads FROM `{dataset.full_name('ads_enriched')}`"
    first, again = (dataset.client.query_and_wait(sql) for _ in range(2))

    jobs = [dataset.client.get_job(each.job_id) for each in (first, again) if each.job_id]
    assert [job.cache_hit for job in jobs if isinstance(job, bigquery.QueryJob)] == [False, True]
    assert [tuple(row.values()) for row in again] == [tuple(row.values()) for row in first]


def _sql(statement: str) -> Change:
    return lambda client, place: client.query_and_wait(statement.replace("{place}", place))


def _loads(client: bigquery.Client, place: str) -> None:
    client.load_table_from_json([{"n": 5}], f"{place}.t").result()


def _streams(client: bigquery.Client, place: str) -> None:
    assert client.insert_rows_json(f"{place}.t", [{"n": 5}]) == []


def _copies(client: bigquery.Client, place: str) -> None:
    config = bigquery.CopyJobConfig(write_disposition="WRITE_APPEND")
    client.copy_table(f"{place}.other", f"{place}.t", job_config=config).result()


def _queries_into(client: bigquery.Client, place: str) -> None:
    config = QueryJobConfig(destination=f"{place}.t", write_disposition="WRITE_TRUNCATE")
    client.query_and_wait("SELECT 9 AS n", job_config=config)


def _writes_in_a_session(client: bigquery.Client, place: str) -> None:
    client.query_and_wait(f"DELETE FROM `{place}.t` WHERE n = 9", job_config=QueryJobConfig(create_session=True))


def _another_client(client: bigquery.Client, place: str) -> None:
    options = {"api_endpoint": client._connection.API_BASE_URL}
    another = bigquery.Client(project="elsewhere", credentials=client._credentials, client_options=options)
    another.query_and_wait(f"INSERT INTO `{place}.t` (n) VALUES (11)")
    another.close()


CHANGES: dict[str, Change] = {
    "insert": _sql("INSERT INTO `{place}.t` (n) VALUES (3)"),
    "update": _sql("UPDATE `{place}.t` SET n = n + 10 WHERE TRUE"),
    "delete": _sql("DELETE FROM `{place}.t` WHERE n = 12"),
    "truncate": _sql("TRUNCATE TABLE `{place}.t`"),
    "merge": _sql(
        "MERGE `{place}.t` AS t USING `{place}.other` AS o ON t.n = o.n WHEN NOT MATCHED THEN INSERT (n) VALUES (o.n)"
    ),
    "script": _sql("DECLARE more INT64 DEFAULT 4; INSERT INTO `{place}.t` (n) VALUES (more);"),
    "transaction": _sql("BEGIN TRANSACTION; INSERT INTO `{place}.t` (n) VALUES (6); COMMIT TRANSACTION;"),
    "load": _loads,
    "stream": _streams,
    "copy": _copies,
    "query into": _queries_into,
    "another client": _another_client,
    "session": _writes_in_a_session,
    "table": _sql("CREATE OR REPLACE TABLE `{place}.t` AS SELECT 8 AS n"),
    "view": _sql("CREATE OR REPLACE VIEW `{place}.v` AS SELECT -n AS n FROM `{place}.t`"),
    "policy": _sql("CREATE ROW ACCESS POLICY p ON `{place}.t` GRANT TO ('allUsers') FILTER USING (n > 100)"),
}


def test_each_change_is_seen_by_the_next_query(bigquery_client: bigquery.Client, place: str) -> None:
    sql = ROWS.format(place=place)
    seen = {"nothing": [asked(bigquery_client, sql), asked(bigquery_client, sql)]}
    for name, change in CHANGES.items():
        change(bigquery_client, place)
        seen[name] = [asked(bigquery_client, sql), asked(bigquery_client, sql)]
    told = {name: [rows(job) for job in jobs] for name, jobs in seen.items()}

    assert {name: [job.cache_hit for job in jobs] for name, jobs in seen.items()} == {
        name: [False, True] for name in seen
    }
    assert [name for name, (first, again) in told.items() if first != again] == []
    assert [after for before, after in pairwise(told) if told[before][0] == told[after][0]] == []
    assert told["nothing"][0] == [(1,), (2,)]


def test_a_new_column_is_seen(bigquery_client: bigquery.Client, place: str) -> None:
    sql = f"SELECT * FROM `{place}.other`"
    (before,) = rows(asked(bigquery_client, sql))
    bigquery_client.query_and_wait(f"ALTER TABLE `{place}.other` ADD COLUMN m STRING")

    assert (before, rows(asked(bigquery_client, sql))) == ((7,), [(7, None)])


@pytest.mark.parametrize(
    "ended",
    ["DROP TABLE `{table}`", "ALTER TABLE `{table}` SET OPTIONS (expiration_timestamp = TIMESTAMP '2020-01-01')"],
)
def test_a_table_that_is_gone_is_missed(bigquery_client: bigquery.Client, place: str, ended: str) -> None:
    table = f"{place}.gone_by_{ended.split()[0]}"
    bigquery_client.query_and_wait(f"CREATE TABLE `{table}` AS SELECT 7 AS n")
    asked(bigquery_client, f"SELECT * FROM `{table}`")
    bigquery_client.query_and_wait(ended.format(table=table))

    with pytest.raises(NotFound, match="gone_by"):
        asked(bigquery_client, f"SELECT * FROM `{table}`")


def test_a_function_is_called_as_it_is_now(bigquery_client: bigquery.Client, place: str) -> None:
    sql = f"SELECT `{place}.f`(1)"
    before = rows(asked(bigquery_client, sql))
    bigquery_client.query_and_wait(f"CREATE OR REPLACE FUNCTION `{place}.f`(x INT64) AS (x + 5)")

    assert (before, rows(asked(bigquery_client, sql))) == ([(2,)], [(6,)])


def test_what_a_script_sees_of_its_own_is_not_told_to_others(bigquery_client: bigquery.Client, place: str) -> None:
    count, insert = f"SELECT COUNT(*) FROM `{place}.scripts`", f"INSERT INTO `{place}.scripts` (n) VALUES (3)"
    bigquery_client.query_and_wait(f"CREATE TABLE `{place}.scripts` (n INT64)")
    script = f"{count}; BEGIN TRANSACTION; {insert}; {count}; ROLLBACK TRANSACTION; {insert}; {count}"
    told = [rows(asked(bigquery_client, sql)) for sql in (count, script, count, script, count)]

    assert told == [[(0,)], [(1,)], [(1,)], [(2,)], [(2,)]]


SCHEMAS = {
    "table": "CREATE OR REPLACE TABLE `{place}.from` AS SELECT 'a' AS n",
    "column": "ALTER TABLE `{place}.from` ADD COLUMN m INT64",
    "view": "CREATE OR REPLACE VIEW `{place}.inner` AS SELECT *, TRUE AS more FROM `{place}.from`",
    "function": "CREATE OR REPLACE FUNCTION `{place}.g`(x INT64) AS (CAST(x AS STRING))",
    "renamed": "ALTER TABLE `{place}.from` RENAME COLUMN m TO o",
}
"""Changes of what a view reads, so that its columns are others."""


@pytest.mark.long
def test_the_columns_of_a_view_follow_all_that_it_reads(bigquery_client: bigquery.Client, place: str) -> None:
    bigquery_client.query_and_wait(
        f"CREATE TABLE `{place}.from` AS SELECT 1 AS n; CREATE VIEW `{place}.inner` AS SELECT * FROM `{place}.from`; "
        f"CREATE FUNCTION `{place}.g`(x INT64) AS (x); "
        f"CREATE VIEW `{place}.outer` AS SELECT *, `{place}.g`(1) AS g FROM `{place}.inner`"
    )
    told = [_columns(bigquery_client, f"{place}.outer")]
    for change in SCHEMAS.values():
        bigquery_client.query_and_wait(change.format(place=place))
        told += [_columns(bigquery_client, f"{place}.outer")]

    assert told == [
        ["n INTEGER", "g INTEGER"],
        ["n STRING", "g INTEGER"],
        ["n STRING", "m INTEGER", "g INTEGER"],
        ["n STRING", "m INTEGER", "more BOOLEAN", "g INTEGER"],
        ["n STRING", "m INTEGER", "more BOOLEAN", "g STRING"],
        ["n STRING", "o INTEGER", "more BOOLEAN", "g STRING"],
    ]


def _columns(client: bigquery.Client, view: str) -> list[str]:
    return [f"{field.name} {field.field_type}" for field in client.get_table(view).schema]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (QueryJobConfig(query_parameters=[bigquery.ScalarQueryParameter("p", "INT64", 1)]), None),
        (QueryJobConfig(default_dataset="test.cached"), QueryJobConfig(default_dataset="test.cached_too")),
    ],
)
def test_what_is_asked_is_more_than_its_text(
    bigquery_client: bigquery.Client, place: str, first: QueryJobConfig, other: QueryJobConfig | None
) -> None:
    bigquery_client.create_dataset(f"{place}_too")
    for dataset, n in ((place, 1), (f"{place}_too", 2)):
        bigquery_client.query_and_wait(f"CREATE OR REPLACE TABLE `{dataset}.m` AS SELECT {n} AS n")
    sql = "SELECT @p" if other is None else "SELECT MIN(n) FROM m"
    other = other or QueryJobConfig(query_parameters=[bigquery.ScalarQueryParameter("p", "INT64", 2)])
    told = [rows(asked(bigquery_client, sql, config)) for config in (first, other, first)]
    bigquery_client.delete_dataset(f"{place}_too", delete_contents=True)

    assert told == [[(1,)], [(2,)], [(1,)]]


NEVER = {
    "time": ("SELECT CURRENT_TIMESTAMP()", None),
    "day": ("SELECT CURRENT_DATE", None),
    "chance": ("SELECT n, RAND() FROM `{place}.other`", None),
    "id": ("SELECT GENERATE_UUID()", None),
    "who": ("SELECT SESSION_USER()", None),
    "variable": ("SELECT @@project_id", None),
    "catalog": ("SELECT table_name FROM `{place}`.INFORMATION_SCHEMA.TABLES", None),
    "sample": ("SELECT n FROM `{place}.other` TABLESAMPLE SYSTEM (50 PERCENT)", None),
    "program": (
        'CREATE TEMP FUNCTION r() RETURNS FLOAT64 LANGUAGE js AS "return Math.random()"; SELECT r()',
        None,
    ),
    "not wanted": ("SELECT n FROM `{place}.other`", QueryJobConfig(use_query_cache=False)),
    "session": ("SELECT n FROM `{place}.other`", QueryJobConfig(create_session=True)),
}


@pytest.mark.parametrize(("sql", "config"), NEVER.values(), ids=NEVER)
def test_what_time_or_chance_tells_is_asked_again(
    bigquery_client: bigquery.Client, place: str, sql: str, config: QueryJobConfig | None
) -> None:
    told = [asked(bigquery_client, sql.format(place=place), config).cache_hit for _ in range(2)]

    assert told == [False, False]


@pytest.mark.parametrize(
    ("made", "sql", "undone"),
    [
        (
            "CREATE VIEW `{place}.now` AS SELECT n, CURRENT_TIMESTAMP() AS at FROM `{place}.other`",
            "SELECT * FROM `{place}.now`",
            "DROP VIEW `{place}.now`",
        ),
        (
            "CREATE OR REPLACE FUNCTION `{place}.f`(x INT64) AS (x + RAND())",
            "SELECT `{place}.f`(1)",
            "CREATE OR REPLACE FUNCTION `{place}.f`(x INT64) AS (x)",
        ),
    ],
)
def test_views_and_functions_hide_neither(
    bigquery_client: bigquery.Client, place: str, made: str, sql: str, undone: str
) -> None:
    bigquery_client.query_and_wait(made.format(place=place))
    told = [asked(bigquery_client, sql.format(place=place)) for _ in range(2)]
    bigquery_client.query_and_wait(undone.format(place=place))

    assert [job.cache_hit for job in told] == [False, False]
    assert rows(told[0]) != rows(told[1])


def test_every_function_that_tells_another_thing_each_time_is_known_as_one() -> None:
    from local_bigquery.sql.dialect import FUNCTIONS  # type: ignore[import-untyped]

    changing = duckdb.sql(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE function_type = 'scalar' AND stability <> 'CONSISTENT'"
    ).fetchall()
    macros = dict(pair for path in FUNCTIONS for pair in DEFINED.findall(path.read_text()))

    assert (len(changing) > 20, len(macros) > 100) == (True, True)
    assert [name for (name,) in changing if not is_volatile(f"SELECT {name}()")] == []
    assert [name for name, text in macros.items() if is_volatile(text) and not is_volatile(f"{name}()")] == [
        "_net_suffix"
    ]


def test_an_answer_whose_job_was_deleted_is_worked_out_again(bigquery_client: bigquery.Client, place: str) -> None:
    sql = f"SELECT COUNT(*) FROM `{place}.other`"
    job, hit = asked(bigquery_client, sql), asked(bigquery_client, sql)
    assert hit.cache_hit

    bigquery_client.delete_job_metadata(hit)
    assert rows(asked(bigquery_client, sql)) == [(1,)]
    bigquery_client.delete_job_metadata(job)

    again = asked(bigquery_client, sql)
    assert (again.cache_hit, rows(again)) == (False, [(1,)])
