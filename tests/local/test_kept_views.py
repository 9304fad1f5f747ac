"""Queries that read the rows which the local BigQuery keeps of a view are told what the view says."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery
from google.cloud.bigquery import QueryJobConfig

from benchmarks import views as benchmark
from local.kept_views import KeptViews
from shared import wiring
from tests.bigquery import PROJECT, client_of, served
from tests.local.test_query_cache import CHANGES, asked, rows

AS_IT_IS = QueryJobConfig(use_query_cache=False)
ASKED_MOST = ("ads_enriched", "costs", "creatives", "pipeline_status")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[bigquery.Client]:
    """Of a server of its own: where other tests have left a view that tells the time, nothing is kept."""
    with served(folder) as url, client_of(url) as client:
        yield client


@pytest.fixture
def complaints(folder: Path) -> Iterator[None]:
    """Holds that the server could keep all that a test has it keep."""
    yield
    logs = [log.read_text() for log in (folder / "logs").glob("bigquery*")]
    assert logs
    assert [log for log in logs if "are not kept" in log or "are still kept" in log] == []


@pytest.fixture
def place(client: bigquery.Client) -> Iterator[str]:
    """A dataset whose `v` reads views of the names that are kept, through one that is not."""
    place = f"{PROJECT}.kept"
    client.create_dataset(place)
    client.query_and_wait(
        f"CREATE TABLE `{place}.t` (n INT64); INSERT INTO `{place}.t` (n) VALUES (1), (2); "
        f"CREATE TABLE `{place}.other` AS SELECT 7 AS n; "
        f"CREATE VIEW `{place}.creatives` AS SELECT n FROM `{place}.t`; "
        f"CREATE VIEW `{place}.between` AS SELECT n, 'it\\'s `{place}.creatives`' AS said FROM `{place}.creatives`; "
        f"CREATE VIEW `{place}.ads_enriched` AS SELECT n, said FROM `{place}.between`; "
        f"CREATE VIEW `{place}.v` AS SELECT n FROM `{place}.ads_enriched`"
    )
    yield place
    client.delete_dataset(place, delete_contents=True)


@pytest.mark.long
@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("views", [ASKED_MOST, tuple(sorted(wiring.load().views))], ids=len)
def test_every_view_says_what_it_says_by_itself(client: bigquery.Client, views: tuple[str, ...]) -> None:
    filled = f"filled_{len(views)}"
    benchmark.fill(client, filled, 60)
    told = {
        view: [_rows(client, f"SELECT * FROM `{client.project}.{filled}.{view}`", each) for each in (None, AS_IT_IS)]
        for view in [*views, *views]
    }

    assert [view for view, (kept, by_itself) in told.items() if kept != by_itself] == []
    assert len(told["ads_enriched"][0]) == 60


@pytest.mark.usefixtures("complaints")
def test_each_change_is_seen_by_the_next_query(client: bigquery.Client, place: str) -> None:
    sql = f"SELECT n FROM `{place}.v` ORDER BY n"
    told = [_rows(client, sql)]
    for change in CHANGES.values():
        change(client, place)
        told.append(_rows(client, sql))
        assert told[-1] == _rows(client, sql, AS_IT_IS)
    assert len({tuple(each) for each in told}) > len(CHANGES) / 2


@pytest.mark.long
def test_what_a_script_has_written_is_read_in_it(client: bigquery.Client, place: str) -> None:
    count = f"SELECT COUNT(*) AS n FROM `{place}.creatives`"
    script = f"BEGIN TRANSACTION; INSERT INTO `{place}.t` (n) VALUES (3); {count}"

    assert [_rows(client, sql) for sql in (count, script, count)] == [[(2,)], [(3,)], [(2,)]]


def test_a_fault_is_told_of_what_was_asked(client: bigquery.Client, place: str) -> None:
    said = []
    for config in (None, AS_IT_IS):
        with pytest.raises(BadRequest) as failure:
            client.query_and_wait(f"SELECT 1 / (n - n) FROM `{place}.creatives`", job_config=config)
        said.append(failure.value.message)

    assert said[0] == said[1]
    assert "memory" not in said[0]


@pytest.mark.usefixtures("complaints")
def test_many_at_once_are_told_the_same_while_rows_come(client: bigquery.Client, place: str) -> None:
    """Each query adds up to one state: all rows of both views, never those of one with more of the other."""
    sql = (
        f"SELECT (SELECT COUNT(*) FROM `{place}.creatives`) AS one, (SELECT COUNT(*) FROM `{place}.t`) AS all_of_them, "
        "{n} AS n"
    )

    def both(n: int) -> tuple[object, object]:
        if n % 4 == 0:
            client.query_and_wait(f"INSERT INTO `{place}.t` (n) VALUES ({n})")
        ((one, all_of_them, _),) = _rows(client, sql.format(n=n))
        return one, all_of_them

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(both, range(40)))

    assert [pair for pair in told if pair[0] != pair[1]] == []
    assert len(set(told)) > 1


class Tables:
    """What is held, in a DuckDB of this process, which writes down what is made."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        self.changes = 0
        self.asked = 0
        self.volatile = False
        self.policies = False
        self.many = 0
        self.defined = {
            "creatives": "SELECT n FROM memory.main.t",
            "v": 'SELECT n + 1 AS n FROM "memory".main.creatives',
        }
        for name, text in self.defined.items():
            self.connection.execute(f"CREATE VIEW {name} AS {text}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.connection.cursor()

    def state(self) -> tuple[int]:
        self.asked += 1
        return (self.changes,)

    def is_volatile(self, state: tuple[int]) -> bool:
        return self.volatile

    def has_policies(self) -> bool:
        return self.policies

    def rows(self) -> int:
        return self.many

    def views(self) -> Iterator[tuple[tuple[str, str, str], str]]:
        yield from ((("memory", "main", name), text) for name, text in self.defined.items())

    def schemas(self) -> tuple[str, ...]:
        return tuple(self.defined)

    def kept(self) -> int:
        ((kept,),) = self.connection.execute(
            "SELECT COUNT(*) FROM duckdb_schemas() WHERE schema_name LIKE 'kept %'"
        ).fetchall()
        return int(kept)


QUERIES = {
    "by name": ("SELECT n FROM memory.main.creatives", True),
    "quoted": ('SELECT n FROM "memory"."main"."creatives"', True),
    "through another view": ("SELECT n FROM memory.main.v", True),
    "with its name before a column": ("SELECT memory.main.creatives.n FROM memory.main.creatives", True),
    "in a text": ("SELECT 'it''s memory.main.creatives' AS n", False),
    "in a remark": ("/* don't: memory.main.creatives */ SELECT 1 AS n", False),
    "in a quoted name": ('SELECT 1 AS "memory.main.creatives"', False),
    "of a table": ("SELECT n FROM memory.main.t", False),
    "of a table's column": ("SELECT memory.main.t.n FROM memory.main.t", False),
}


@pytest.mark.parametrize(("query", "is_kept"), QUERIES.values(), ids=QUERIES)
def test_what_names_a_view_reads_its_rows(query: str, is_kept: bool) -> None:
    tables = Tables()
    told, texts = _told(tables, KeptViews(tables, tables.cursor), query)  # type: ignore[arg-type]

    assert told == tables.cursor().execute(query).fetchall()
    assert (texts != [query]) is is_kept
    assert len(texts) == 1


def test_a_query_of_tables_alone_is_not_held_up() -> None:
    tables = Tables()
    told, _ = _told(tables, KeptViews(tables, tables.cursor), "SELECT n FROM memory.main.t")  # type: ignore[arg-type]

    assert (told, tables.asked, tables.kept()) == ([(1,)], 0, 0)


@pytest.mark.parametrize("why", ["volatile", "policies", "many"])
def test_nothing_is_kept_where_it_may_be_wrong_or_large(why: str) -> None:
    tables = Tables()
    setattr(tables, why, 10**9)
    told, texts = _told(tables, KeptViews(tables, tables.cursor), "SELECT n FROM memory.main.v")  # type: ignore[arg-type]

    assert (told, texts, tables.kept()) == ([(2,)], ["SELECT n FROM memory.main.v"], 0)


def test_what_changes_meanwhile_is_read_again_and_what_was_kept_is_dropped() -> None:
    tables = Tables()
    kept = KeptViews(tables, tables.cursor)  # type: ignore[arg-type]
    query = "SELECT n FROM memory.main.v"

    def change() -> None:
        if tables.changes == 0:
            tables.connection.execute("INSERT INTO t VALUES (10)")
            tables.changes += 1

    told, texts = _told(tables, kept, query, change)
    again, _ = _told(tables, kept, query)

    assert texts[1:] == [query]
    assert sorted(told) == sorted(again) == [(2,), (11,)]
    assert tables.kept() == 1


def _told(
    tables: Tables, kept: KeptViews, query: str, meanwhile: Callable[[], None] = lambda: None
) -> tuple[list[tuple[object, ...]], list[str]]:
    """What a query is told, and the texts that ran for it."""
    texts: list[str] = []
    cursor = tables.cursor()
    told: list[tuple[object, ...]] = []

    def run(text: str) -> None:
        texts.append(text)
        told[:] = cursor.execute(text).fetchall()
        meanwhile()

    kept.run(query, run)
    return told, texts


def _rows(client: bigquery.Client, sql: str, config: QueryJobConfig | None = None) -> list[tuple[object, ...]]:
    return sorted(rows(asked(client, sql, config)), key=repr)
