"""What analysts write in BigQuery's SQL is answered by the local BigQuery as by Google's reference implementation.

The statements of this repository are compared in test_same_rows.py; these are of people who look at their ads.
"""

from typing import Any

import pytest
from google.cloud import bigquery

from tests.googlesql.catalog import Catalog
from tests.googlesql.engine import Engine
from tests.googlesql.evaluator import Evaluator

ADS = """
WITH ads AS (
  SELECT 1 AS id, 'sale' AS kind, ['red', 'blue'] AS colors, STRUCT('Acme' AS brand) AS features,
    [STRUCT('Acme' AS name, 0.5 AS share, [1, 2] AS at_s), ('Vanta', 0.25, [3])] AS logos
  UNION ALL SELECT 2, 'sale', [], STRUCT(NULL), [STRUCT('Acme', 0.125, [])]
  UNION ALL SELECT 3, NULL, ['red'], STRUCT('Vanta'), []
)
"""

ASKED = [
    # Arrays of records: their fields by bare names, by an alias, with an offset, and of rows that have none.
    "SELECT id, name FROM ads, UNNEST(logos)",
    "SELECT id, name, share FROM ads CROSS JOIN ads.logos",
    "SELECT id, name FROM ads AS a, a.logos WHERE share > 0.2",
    "SELECT id, name, place FROM ads, UNNEST(logos) WITH OFFSET AS place",
    "SELECT id, name, offset FROM ads, UNNEST(logos) WITH OFFSET",
    "SELECT id, logo.name, share FROM ads, UNNEST(logos) AS logo",
    "SELECT id, logo.name, place FROM ads, UNNEST(logos) AS logo WITH OFFSET AS place",
    "SELECT id, name FROM ads LEFT JOIN UNNEST(logos)",
    "SELECT id, logo.name FROM ads LEFT JOIN UNNEST(logos) AS logo",
    "SELECT id, name, second FROM ads, UNNEST(logos), UNNEST(at_s) AS second",
    "SELECT id, name, second FROM ads, UNNEST(logos) AS logo, UNNEST(logo.at_s) AS second",
    "SELECT name, COUNT(*) AS n, SUM(share) AS share FROM ads, UNNEST(logos) GROUP BY name HAVING COUNT(*) > 1",
    "SELECT UPPER(name) AS name, id FROM ads, UNNEST(logos) AS logo ORDER BY name, id LIMIT 1",
    "SELECT id, ARRAY(SELECT name FROM UNNEST(logos) ORDER BY share) AS names FROM ads",
    "SELECT id, ARRAY(SELECT AS STRUCT name, share FROM UNNEST(logos) ORDER BY share) AS names FROM ads",
    "SELECT id, (SELECT STRING_AGG(name, '+' ORDER BY name DESC) FROM UNNEST(logos)) AS names FROM ads",
    "SELECT id, EXISTS(SELECT 1 FROM UNNEST(logos) WHERE name = 'Vanta') AS vanta FROM ads",
    "SELECT id, (SELECT MAX(share) FROM UNNEST(logos) AS logo WHERE name = 'Acme') AS share FROM ads",
    "SELECT id, 'Acme' IN (SELECT name FROM UNNEST(logos)) AS acme FROM ads",
    "SELECT id, logos[SAFE_OFFSET(0)].name AS name FROM ads",
    "SELECT id, color FROM ads, UNNEST(colors) AS color",
    "SELECT id, color, place FROM ads LEFT JOIN UNNEST(colors) AS color WITH OFFSET AS place",
    "SELECT id, (SELECT COUNT(*) FROM UNNEST(colors)) AS n FROM ads",
    "SELECT id, color FROM ads, ads.colors AS color WHERE 'red' IN UNNEST(colors)",
    "SELECT * EXCEPT (colors, features, logos, at_s) FROM ads, UNNEST(logos) AS logo",
    # Records of columns have their names.
    "SELECT STRUCT(id, kind) AS record FROM ads",
    "SELECT STRUCT(features.brand, kind AS called).brand AS brand FROM ads",
    "SELECT kind, ARRAY_AGG(STRUCT(id, features.brand) ORDER BY id) AS records FROM ads GROUP BY kind",
    "SELECT record.id FROM (SELECT [STRUCT(id, kind)] AS records FROM ads), UNNEST(records) AS record",
    # Aggregates that leave out, order and cut.
    "SELECT ARRAY_AGG(kind IGNORE NULLS ORDER BY id LIMIT 1) AS kinds FROM ads",
    "SELECT ARRAY_AGG(kind IGNORE NULLS ORDER BY id DESC LIMIT 5)[SAFE_OFFSET(0)] AS kind FROM ads",
    "SELECT ARRAY_AGG(DISTINCT features.brand IGNORE NULLS ORDER BY features.brand DESC LIMIT 2) AS brands FROM ads",
    "SELECT ARRAY_AGG(features.brand IGNORE NULLS ORDER BY id) AS brands FROM ads",
    "SELECT kind, ARRAY_AGG(id ORDER BY id DESC LIMIT 1)[OFFSET(0)] AS id FROM ads GROUP BY kind",
    "SELECT STRING_AGG(DISTINCT kind, '/') AS kinds, LOGICAL_OR(id > 2) AS late FROM ads",
    "SELECT kind, ANY_VALUE(id HAVING MAX id) AS id FROM ads GROUP BY kind",
    "SELECT kind, COUNT(*) AS n FROM ads GROUP BY ROLLUP(kind)",
    "SELECT COALESCE(features.brand, 'none') AS brand, COUNT(*) AS n FROM ads GROUP BY brand",
    "SELECT features.brand, COUNT(DISTINCT id) AS n FROM ads GROUP BY 1 ORDER BY 2 DESC, 1",
    "SELECT kind, COUNT(*) AS n FROM ads GROUP BY ALL",
    # Rows beside rows.
    "SELECT id, LAG(kind) OVER (ORDER BY id) AS a, LAST_VALUE(kind IGNORE NULLS) OVER (ORDER BY id) AS b FROM ads",
    "SELECT id, SUM(id) OVER (PARTITION BY kind ORDER BY id ROWS UNBOUNDED PRECEDING) AS total FROM ads",
    "SELECT id FROM ads WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY kind ORDER BY id DESC) = 1",
    "SELECT * FROM (SELECT id, kind FROM ads) PIVOT(COUNT(*) FOR kind IN ('sale', 'none'))",
    "SELECT * EXCEPT (logos, colors, features) FROM ads",
    "SELECT * REPLACE (UPPER(kind) AS kind) FROM (SELECT id, kind FROM ads)",
    # Days, numbers and texts.
    "SELECT DATE_TRUNC(DATE '2026-05-17', WEEK(MONDAY)) AS a, DATE_TRUNC(DATE '2026-05-17', ISOWEEK) AS b",
    "SELECT DATE_DIFF(DATE '2026-05-18', DATE '2026-05-17', WEEK) AS a, EXTRACT(DAYOFWEEK FROM DATE '2026-05-17') AS b",
    "SELECT day FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-30', '2026-02-02')) AS day",
    "SELECT FORMAT_DATE('%G-W%V', DATE '2027-01-01') AS a, PARSE_DATE('%d.%m.%Y', '02.01.2026') AS b",
    "SELECT ROUND(2.5) AS a, CAST(-2.5 AS INT64) AS b, DIV(-7, 2) AS c, MOD(-7, 3) AS d, SAFE_DIVIDE(1, 0) AS e",
    "SELECT DIV(10 - 3, 2) AS a, 2 * DIV(7, 2) AS b, DIV(20, 2 + 3) AS c, DIV(100, DIV(10, 3)) AS d, -DIV(7, 2) AS e",
    "SELECT 60 / DIV(7, 2) AS a, MOD(20 - 3, 2 + 3) AS b, DIV(7, 2) - DIV(-7, 2 * 2) AS c, MOD(DIV(17, 3), 3) AS d",
    "SELECT REGEXP_EXTRACT('SALE 20% OFF', r'(\\d+)%') AS a, SPLIT('a,b', ',')[SAFE_OFFSET(5)] AS b",
    "SELECT SUBSTR('apple', 0, 2) AS a, SUBSTR('apple', -9, 2) AS b, SUBSTR('apple', -2) AS c, SUBSTR('', -1) AS d",
    "SELECT id, SUBSTR(kind, id - 2) AS a, SUBSTR(kind, 2, id) AS b, SUBSTR(NULL, 0) AS c FROM ads",
    "SELECT EXTRACT(MILLISECOND FROM TIMESTAMP '2026-01-01 00:00:07.5+00') AS a",
    "SELECT EXTRACT(MICROSECOND FROM DATETIME '2026-01-01 00:00:07.000012') AS a",
    "SELECT FORMAT('%05.2f|%s|%d|%t', 1.5, 'x', 3, DATE '2026-01-02') AS a, LPAD('7', 3, '0') AS b",
    "SELECT FORMAT(\"%'d|%'.2f|%+'d\", 1234567, 1234567.891, 12345) AS a, FORMAT('%d%%', 20) AS b",
    "SELECT FORMAT_DATE('%e %b|%C%%', DATE '2026-01-02') AS a, FORMAT_DATE('%e.', DATE '2026-01-12') AS b",
    "SELECT FORMAT_TIMESTAMP('%c', TIMESTAMP '2026-01-02 15:04:05+00') AS a",
    "SELECT TRIM('\\t\\u00a0a b \\r\\n') AS a, LTRIM('\\n\\ta ') AS b, RTRIM(' a\\n') AS c, TRIM('xyaxy', 'xy') AS d",
    "SELECT STRING_AGG(DISTINCT kind, '/' ORDER BY kind LIMIT 1) AS a, STRING_AGG(kind LIMIT 5) AS b FROM ads",
]


@pytest.fixture(scope="module")
def evaluator(google: Engine) -> Evaluator:
    return Evaluator(Catalog(google), {})


@pytest.mark.parametrize("asked", ASKED)
def test_what_analysts_ask_is_answered_as_by_google(
    bigquery_client: bigquery.Client, evaluator: Evaluator, asked: str
) -> None:
    sql = ADS + asked if "ads" in asked else asked

    local = [dict(row.items()) for row in bigquery_client.query_and_wait(sql)]

    expected = evaluator.query(sql)
    assert ordered(local) == ordered(expected)


def ordered(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as texts; their order is no query's to say, unless it orders and cuts."""
    return sorted(repr(list(row.items())) for row in rows)
