"""What queries have told is there for who reads it, and no longer than that; what has changed anything is on record."""

from pathlib import Path

import duckdb
import pytest
from google.api_core.exceptions import NotFound
from google.cloud import bigquery
from hypothesis import given
from hypothesis import strategies as st

from local import bigquery as server
from local.jobs import A_DAY, A_MOMENT, MOST_ROWS, Answers, Table
from tests.bigquery import client_of, served

MANY = MOST_ROWS // 4


class Told:
    """Answers of as many rows as their names say, at times that a test sets.

    Attributes:
        answers: them.
        dropped: those that have gone, in that order.
        now: seconds.
    """

    def __init__(self) -> None:
        self.dropped: list[Table] = []
        self.now = 0.0
        self.answers = Answers(lambda table: int(table[2]), self.dropped.extend, lambda: self.now)

    def told(self, *tables: Table) -> None:
        for table in tables:
            self.answers.told(table)


def rows(number: int, name: str = "p") -> Table:
    return name, "_results", str(number)


def test_what_nobody_has_read_for_a_day_goes() -> None:
    told = Told()
    told.told(rows(1), rows(2))
    told.now = A_DAY / 2
    assert told.answers.are_there(rows(1))
    told.now = A_DAY
    told.told(rows(3))

    assert told.dropped == [rows(2)]
    assert not told.answers.are_there(rows(2))


def test_beyond_so_many_rows_the_longest_unread_go_down_to_half() -> None:
    told = Told()
    for name in ("a", "b", "c", "d"):
        told.told(rows(MANY, name))
        told.now += A_MOMENT
    assert told.answers.are_there(rows(MANY, "a"))
    assert told.dropped == []

    told.told(rows(1, "e"))

    assert told.dropped == [rows(MANY, "b"), rows(MANY, "c"), rows(MANY, "d")]


def test_what_was_read_a_moment_ago_stays_however_many_rows_there_are() -> None:
    told = Told()
    told.told(rows(3 * MOST_ROWS, "large"))
    for _ in range(10):
        told.now += A_MOMENT / 2
        told.told(rows(MANY, f"at {told.now}"))
        assert told.answers.are_there(rows(3 * MOST_ROWS, "large"))


@given(st.lists(st.tuples(st.integers(0, MOST_ROWS), st.floats(0, A_MOMENT * 2), st.booleans()), max_size=60))
def test_what_is_there_is_what_was_told_and_not_dropped(steps: list[tuple[int, float, bool]]) -> None:
    told, all_of_them = Told(), set()
    for count, seconds, is_again in steps:
        told.now += seconds
        told.told(rows(count))
        all_of_them.add(rows(count))
        if is_again:
            told.answers.forget(rows(count))
            told.dropped.append(rows(count))
        gone = {table for table in all_of_them if not told.answers.are_there(table)}
        assert gone <= set(told.dropped)
        assert sum(int(table[2]) for table in all_of_them - gone) == told.answers.rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture
def again(folder: Path) -> list[bigquery.QueryJob]:
    """A query and a change that the server before has run, of whose folder the next one takes over."""
    with served(folder) as url, client_of(url) as client:
        jobs = [
            client.query(sql) for sql in ("SELECT 1 AS one", "CREATE OR REPLACE TABLE test_pipeline.kept (n INT64)")
        ]
        for job in jobs:
            job.result()
    return jobs


@pytest.mark.long
def test_after_a_restart_changes_are_on_record_and_answers_are_not(
    folder: Path, again: list[bigquery.QueryJob]
) -> None:
    asked, changed = again
    with served(folder) as url, client_of(url) as client:
        found = client.get_job(changed.job_id)
        with pytest.raises(NotFound):
            client.get_job(asked.job_id)
        with pytest.raises(NotFound):
            client.get_table(asked.destination)
        told = [dict(row.items()) for row in client.query_and_wait("SELECT 1 AS one")]

    assert isinstance(found, bigquery.QueryJob)
    assert found.statement_type == "CREATE_TABLE"
    assert told == [{"one": 1}]


def test_jobs_in_memory_and_on_the_disk_are_listed_together(bigquery_client: bigquery.Client) -> None:
    bigquery_client.create_dataset("listed", exists_ok=True)
    asked, changed = (
        bigquery_client.query(sql) for sql in ("SELECT 2 AS two", "CREATE OR REPLACE TABLE listed.here (n INT64)")
    )
    for job in (asked, changed):
        job.result()

    listed = [each.job_id for each in bigquery_client.list_jobs(state_filter="done")]

    assert [listed.count(job.job_id) for job in (asked, changed)] == [1, 1]
    assert asked.job_id not in [each.job_id for each in bigquery_client.list_jobs(parent_job=changed)]


def test_results_are_dropped_together_with_what_was_noted_of_them() -> None:
    with duckdb.connect() as database:
        database.execute("ATTACH ':memory:' AS emulator; CREATE SCHEMA emulator._results")
        database.execute("CREATE TABLE emulator.tables (project_id TEXT, dataset_id TEXT, table_id TEXT)")
        for dataset, name in (("_results", "old"), ("_results", "young"), ("ads", "old")):
            database.execute("INSERT INTO emulator.tables VALUES ('p', ?, ?)", [dataset, name])
        for name in ("old", "young"):
            database.execute(f'CREATE TABLE emulator._results."p:{name}" (n INT)')

        drop = server._dropping(lambda project, _, table: f'emulator._results."{project}:{table}"', database.cursor)
        drop([("p", "_results", "old"), ("p", "_results", "never told")])

        assert database.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = '_results'").fetchall() == [
            ("p:young",)
        ]
        left = database.execute("SELECT dataset_id, table_id FROM emulator.tables").fetchall()
    assert sorted(left) == [("_results", "young"), ("ads", "old")]
