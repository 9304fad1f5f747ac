"""Every statement of the product, as Google's own analyzer reads it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from sqlglot import exp

from generate import dictionary
from local import dataset
from shared import wiring
from tests.googlesql import statements, transfers
from tests.googlesql.catalog import METADATA, Catalog, by_path, filled, of_everything, parameters
from tests.googlesql.engine import Engine, GoogleSqlError

VIEWS = wiring.load().views
FILES = dict(statements.files())
SHOWN = dict(statements.shown())


@pytest.fixture(scope="module")
def catalog(google: Engine) -> Catalog:
    return of_everything(google)


@pytest.mark.parametrize("name", [*FILES, *SHOWN])
def test_bigquery_accepts_the_statement(catalog: Catalog, name: str) -> None:
    text = {**FILES, **SHOWN}[name]
    read = VIEWS if "${view}" in text else [VIEWS[0]]

    for view in read:
        catalog.analyze(filled(text, view=f"my-project.creatives.{view}"))


def test_every_file_of_sql_is_among_them() -> None:
    rooms = [folder for folder in wiring.ROOT.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    found = {path.relative_to(wiring.ROOT).as_posix() for room in rooms for path in room.rglob("*.sql")}
    ours = {name for name in found if not name.startswith(tuple(statements.OTHER_DIALECTS))}

    assert {name.partition("#")[0] for name in FILES} == ours
    assert {Path(name).stem for name in FILES if name.startswith("infra/views/")} == set(VIEWS)


def test_the_columns_that_people_are_told_of_are_those_of_the_views(catalog: Catalog) -> None:
    told = {view.name: list(view.columns) for view in dictionary.views(wiring.load()) if view.columns}

    assert told == {name: [column for column, _ in catalog.tables[name]] for name in told}


def test_every_column_of_every_view_has_a_meaning(catalog: Catalog) -> None:
    views = {view.name: view.meanings for view in dictionary.views(wiring.load())}

    paths = [(name, path) for name in views for path in by_path(catalog.tables[name])]

    assert [f"{name}.{path}" for name, path in paths if not views[name].get(path)] == []
    assert ("ads_enriched", "model_features.hook.text") in paths


@pytest.mark.parametrize("name", [*FILES, *SHOWN])
def test_no_column_is_hidden_by_its_tables_name(catalog: Catalog, name: str) -> None:
    text = filled({**FILES, **SHOWN}[name], view=f"my-project.creatives.{VIEWS[0]}")

    assert list(hidden(text, catalog)) == []


def hidden(sql: str, catalog: Catalog) -> Iterator[str]:
    """Columns that a query names as the table is called that has them: in BigQuery that is the table's whole row.

    The analyzer here takes a path in backticks for one name, and BigQuery takes it apart.
    """
    trees = _parsed(sql)
    for column in (each for tree in trees for each in tree.find_all(exp.Column)):
        select, (first, *others) = column.find_ancestor(exp.Select), [part.name for part in column.parts]
        for table in _tables(select):
            known = {name for name, _ in catalog.tables.get(table.name.rpartition(".")[2], ())}
            is_a_column = first in known and not (others and others[0] in {*known, "*"})
            if is_a_column and first == table.alias_or_name.rpartition(".")[2]:
                yield first


@cache
def _parsed(sql: str) -> list[exp.Expr]:
    return [tree for tree in sqlglot.parse(sql, dialect="bigquery") if tree]


def _tables(select: exp.Select | None) -> Iterator[exp.Table]:
    yield from (each for each in _sources(select) if isinstance(each, exp.Table))


def _sources(select: exp.Select | None) -> list[exp.Expression]:
    clauses = [select.args.get("from_"), *select.args.get("joins", ())] if select else []
    return [each.this for each in clauses if each]


def _names(source: exp.Expression) -> list[str]:
    alias = source.args.get("alias")
    return [source.alias_or_name, *(column.name for column in (alias.columns if alias else ()))]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT creative_id, features FROM features", ["features"]),
        ("SELECT features.brand FROM `my-project.creatives.features`", ["features"]),
        ("SELECT features.creative_id FROM `my-project.creatives.features`", []),
        ("SELECT features FROM `my-project.creatives.features` WHERE TRUE", ["features"]),
        ("SELECT features FROM features AS answer", []),
        ("SELECT 1 FROM ads JOIN features ON TRUE WHERE features IS NULL", ["features"]),
        ("SELECT ads FROM ads", []),
    ],
)
def test_a_column_hidden_by_its_tables_name_is_told(catalog: Catalog, sql: str, found: list[str]) -> None:
    assert list(hidden(sql, catalog)) == found


@pytest.mark.parametrize("name", [*FILES, *SHOWN])
def test_what_is_beside_a_row_is_found_by_equal_values(name: str) -> None:
    text = filled({**FILES, **SHOWN}[name], view=f"my-project.creatives.{VIEWS[0]}")

    assert list(found_otherwise(text)) == []


def found_otherwise(sql: str) -> Iterator[str]:
    """Outer joins without an equality, and queries of tables within a row that aggregate, cut, or have no equality.

    The analyzer accepts both, and BigQuery does not run them ("LEFT OUTER JOIN cannot be used without a condition that
    is an equality of fields from both sides of the join"; "Correlated subqueries that reference other tables are not
    supported unless they can be de-correlated, such as by transforming them into an efficient JOIN").
    """
    trees = _parsed(sql)
    for join in (each for tree in trees for each in tree.find_all(exp.Join)):
        is_outer = join.side and not isinstance(join.this, exp.Unnest) and not join.args.get("using")
        if is_outer and not _equalities(join.args.get("on")):
            yield join.sql("bigquery")
    for select in (each for tree in trees for each in tree.find_all(exp.Select)):
        others = [
            each for each in select.find_all(exp.Column) if each.table and each.find_ancestor(exp.Select) is select
        ]
        beside = {each.table for each in others} - {name for each in _sources(select) for name in _names(each)}
        is_within_a_row = bool(beside and list(_tables(select))) and select.parent_select is not None
        worse = [name for name in ("group", "having", "limit", "order", "qualify", "distinct") if select.args.get(name)]
        where = select.args.get("where")
        if is_within_a_row and (worse or not _equalities(where and where.this)):
            yield select.sql("bigquery")


def _equalities(condition: exp.Expression | None) -> list[exp.Expression]:
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    sides = [
        (each, each.left.find(exp.Column), each.right.find(exp.Column)) for each in parts if isinstance(each, exp.EQ)
    ]
    return [each for each, left, right in sides if left and right and left.table != right.table]


@pytest.mark.parametrize(
    ("sql", "is_told"),
    [
        ("SELECT 1 FROM ads LEFT JOIN images ON ads.uri = images.uri AND images.bytes > 7", False),
        ("SELECT 1 FROM ads LEFT JOIN images USING (uri)", False),
        ("SELECT 1 FROM ads LEFT JOIN images ON STARTS_WITH(ads.uri, images.uri)", True),
        ("SELECT 1 FROM ads FULL JOIN images ON ads.uri = images.uri OR ads.id = images.id", True),
        ("SELECT 1 FROM ads LEFT JOIN images ON images.bytes = 7", True),
        ("SELECT 1 FROM ads JOIN images ON STARTS_WITH(ads.uri, images.uri)", False),
        ("SELECT 1 FROM ads LEFT JOIN UNNEST(ads.parts) AS part", False),
        ("SELECT EXISTS(SELECT 1 FROM images WHERE images.uri = ads.uri) FROM ads", False),
        ("SELECT EXISTS(SELECT 1 FROM images WHERE images.uri > ads.uri) FROM ads", True),
        ("SELECT (SELECT images.id FROM images WHERE images.uri = ads.uri ORDER BY images.id LIMIT 1) FROM ads", True),
        ("SELECT 1 FROM ads WHERE EXISTS(SELECT 1 FROM b WHERE b.id = ads.id GROUP BY b.id HAVING COUNT(*) > 1)", True),
        ("SELECT 1 FROM ads WHERE ads.id IN (SELECT b.id FROM images AS b GROUP BY b.id)", False),
        ("SELECT (SELECT MAX(part) FROM UNNEST(ads.parts) AS part) FROM ads", False),
    ],
)
def test_what_bigquery_cannot_find_beside_a_row_is_told(sql: str, *, is_told: bool) -> None:
    assert bool(list(found_otherwise(sql))) == is_told


def test_the_product_has_no_sql_in_python() -> None:
    assert list(statements.in_python()) == []


def test_what_users_are_shown_is_among_them() -> None:
    assert {name.partition("#")[0] for name in SHOWN} >= {"README.md", "infra/outputs.tf"}


SHADOWED = """
SELECT creative_id, SUM(bytes) AS bytes
FROM images
GROUP BY creative_id
"""


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (f"{SHADOWED} HAVING SUM(bytes) > 7", "Aggregations of aggregations"),
        (f"{SHADOWED} HAVING TRUE QUALIFY RANK() OVER (ORDER BY SUM(bytes)) = 1", "Aggregations of aggregations"),
        (f"{SHADOWED} ORDER BY SUM(bytes)", "Aggregations of aggregations"),
        ("SELECT creative_idd FROM images", "Unrecognized name"),
        ("SELECT * FROM image", "Table not found"),
        ("-- @ids STRING\nSELECT uri FROM images WHERE creative_id IN UNNEST(@ids)", "UNNEST must be an array"),
        ("SELECT uri FROM images WHERE creative_id = @id", "Query parameter 'id' not found"),
        ("-- @most STRING\nSELECT uri FROM images LIMIT @most", "LIMIT expects an integer"),
        ("SELECT uri FROM images WHERE bytes = 'many'", "No matching signature"),
        ("SELECT uri, COUNT(*) FROM images", "neither grouped nor aggregated"),
        ("SELECT duration_s FROM fingerprints GROUP BY duration_s", "FLOAT"),
        ("SELECT uri FROM images UNION SELECT uri FROM videos", "Expected keyword ALL or keyword DISTINCT"),
        ("SELECT list_sort(frames) FROM canonicals", "Function not found"),
        ("SELECT creative_id::STRING FROM images", "Syntax error"),
        ("MERGE ads USING images ON TRUE WHEN MATCHED THEN UPDATE SET nothing = 1", "nothing"),
    ],
)
def test_a_fault_is_told(catalog: Catalog, fault: str, said: str) -> None:
    with pytest.raises(GoogleSqlError, match=said):
        catalog.analyze(fault)


def test_a_parameter_has_the_type_of_the_heading() -> None:
    found = parameters(
        "-- Text about @most things.\n-- @a ARRAY<STRUCT<x INT64, y FLOAT64>>, @b STRING (null: any)\nSELECT 1"
    )

    assert set(found) == {"a", "b"}
    assert [field.field_name for field in found["a"].array_type.element_type.struct_type.field] == ["x", "y"]


def job(sql: str, *parameters: bigquery.ArrayQueryParameter) -> bigquery.QueryJob:
    config = bigquery.QueryJobConfig(query_parameters=list(parameters))
    return bigquery.QueryJob("job", sql, bigquery.Client("p", AnonymousCredentials()), job_config=config)


def test_a_parameter_sent_with_another_type_than_declared_is_told() -> None:
    name = "creatives/operations/last_images.sql"
    right = bigquery.ArrayQueryParameter("creative_ids", "STRING", [])
    wrong = bigquery.ArrayQueryParameter("creative_ids", "INT64", [])

    assert statements.sent_otherwise([job(FILES[name], right), job("SELECT 1", wrong)]) == []
    assert statements.sent_otherwise([job(FILES[name], wrong)]) == [f"{name}: {{'creative_ids': 'ARRAY<INT64>'}}"]
    assert len(statements.sent_otherwise([job(FILES[name])])) == 1


@pytest.mark.parametrize(
    "python",
    [
        'SQL = "SELECT 1 FROM t"',
        "SQL = '''\n-- why\nselect a,\n b from t'''",
        'def f(t): return f"SELECT * FROM `{t}`"',
        'def f(t): return "SELECT * " + "FROM " + t',
        'def f(t): return "DELETE FROM %s" % t',
        'def f(c): c.query("WITH a AS (SELECT 1) SELECT * FROM a")',
        'def f(c): c.query("insert into t values (1)")',
        'def f(c): c.query("MERGE t USING s ON TRUE WHEN MATCHED THEN DELETE")',
        'def f(c, x="UPDATE t SET a = 1 WHERE TRUE"): c.query(x)',
        'def f(c): c.query("TRUNCATE TABLE t")',
        'def f(c): c.query("CREATE OR REPLACE TABLE t AS SELECT 1 AS n")',
        'def f(c): c.query("SELECT @value")',
        'def f(c): c.query("(SELECT a FROM t) UNION ALL (SELECT b FROM u)")',
        'SQL = b"SELECT 1 FROM t"',
        'SQL = "\\n".join(["SELECT a, b", "FROM t"])',
        'SQL = " ".join(("MERGE INTO t", "USING s ON TRUE", "WHEN MATCHED THEN DELETE"))',
        'def f(t):\n    sql = "SELECT a, b"\n    sql += t\n    return sql',
        'def f(sql):\n    return sql + " WHERE a = 1"',
        'def f(c):\n    """SELECT a FROM t"""\n    c.query(f.__doc__)',
        'import textwrap\nSQL = textwrap.dedent("""\n    WITH a AS (\n SELECT 1)\n SELECT * FROM a""")',
    ],
)
def test_sql_in_python_is_found(tmp_path: Path, python: str) -> None:
    (tmp_path / "module.py").write_text(python)

    assert len(list(statements.in_python(tmp_path))) == 1


@pytest.mark.parametrize(
    "python",
    [
        '"""Select what is to be done from the list."""',
        'def f():\n    """Deletes from the bucket."""',
        'x = "With fewer than 30 ads, a lift is drawn from chance."',
        'x = "Select an ad"',
        'x = "update it from the page"',
        'x = f"merge: {1} from {2}"',
    ],
)
def test_words_that_are_no_sql_are_not_taken_for_it(tmp_path: Path, python: str) -> None:
    (tmp_path / "module.py").write_text(python)

    assert list(statements.in_python(tmp_path)) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("views.tf", 'query = "SELECT a FROM t"'),
        ("views.tf", "query = <<-EOT\n  SELECT a,\n    b\n  FROM t\nEOT"),
        ("jobs.yaml", "sql: DELETE FROM t WHERE TRUE"),
        ("new/statements.txt", "MERGE INTO t USING s ON TRUE WHEN MATCHED THEN DELETE"),
        ("nightly.sh", "bq query 'INSERT INTO t SELECT 1'"),
        ("analysis.ipynb", '{"source": ["SELECT a\\n", "FROM t"]}'),
        ("view.sql.tftpl", "CREATE OR REPLACE VIEW v AS SELECT 1"),
    ],
)
def test_sql_in_another_file_is_found(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)

    assert list(statements.elsewhere(tmp_path)) == [file]


def test_the_product_has_no_sql_in_other_files_than_those_that_are_checked() -> None:
    assert list(statements.elsewhere()) == []


@pytest.mark.parametrize("file", ["nowhere/deep/new.sql", "functions/new/main/x.SQL"])
def test_a_file_of_sql_in_a_new_folder_is_found(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("SELECT 1")

    assert [name for name, _ in statements.files(tmp_path)] == [file]


def test_statements_are_told_apart_by_semicolons_outside_of_comments(tmp_path: Path) -> None:
    (tmp_path / "two.sql").write_text("-- One; two;\n-- @n INT64\nSELECT 1;\n\n-- then;\nSELECT @n;\n")

    found = dict(statements.files(tmp_path))

    assert list(found) == ["two.sql", "two.sql#2"]
    assert set(parameters(found["two.sql#2"])) == {"n"}


def test_all_schema_files_are_tables_of_the_catalog(catalog: Catalog) -> None:
    ours = set(catalog.tables) - transfers.TABLES.keys() - METADATA.keys()
    assert {path.stem for path in dataset.SCHEMAS.glob("*.json")} | set(VIEWS) == ours
