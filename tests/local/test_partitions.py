"""INFORMATION_SCHEMA.PARTITIONS of the local BigQuery: a partition has changed when its rows have, and no other has."""

from datetime import datetime

from google.cloud import bigquery

from tests.bigquery import Dataset

CHANGES = {
    "insert": "INSERT INTO `{table}` (day, n) VALUES ('2026-11-02', 3)",
    "update": "UPDATE `{table}` SET n = n + 10 WHERE day = '2026-11-02'",
    "merge": (
        "MERGE `{table}` AS t USING (SELECT 12 AS n) AS o ON t.n = o.n WHEN MATCHED THEN UPDATE SET n = 20 "
        "WHEN NOT MATCHED THEN INSERT (day, n) VALUES ('2026-11-02', 12)"
    ),
    "delete": "DELETE FROM `{table}` WHERE n = 20",
    "script": "BEGIN TRANSACTION; INSERT INTO `{table}` (day, n) VALUES ('2026-11-02', 5); COMMIT TRANSACTION;",
}
"""Changes of the second of two days."""


def partitions(client: bigquery.Client, place: str) -> dict[tuple[str, str | None], tuple[int, datetime]]:
    columns = "table_name, partition_id, total_rows, last_modified_time"
    sql = f"SELECT {columns} FROM `{place}`.INFORMATION_SCHEMA.PARTITIONS"
    return {(name, day): (rows, at) for name, day, rows, at in (row.values() for row in client.query_and_wait(sql))}


def test_each_change_of_rows_is_told_of_its_partition_alone(dataset: Dataset) -> None:
    client, place = dataset.client, f"{dataset.client.project}.partitioned"
    client.create_dataset(place)
    for name in ("t", "other"):
        client.query_and_wait(
            f"CREATE TABLE `{place}.{name}` (day DATE, n INT64) PARTITION BY day; "
            f"INSERT INTO `{place}.{name}` (day, n) VALUES ('2026-11-01', 1), ('2026-11-02', 2)"
        )
    seen = partitions(client, place)
    assert partitions(client, place) == seen
    for name, change in CHANGES.items():
        client.query_and_wait(change.format(table=f"{place}.t"))
        now = partitions(client, place)
        assert (name, {key for key in seen if now[key] != seen[key]}) == (name, {("t", "20261102")})
        assert now["t", "20261102"][1] > seen["t", "20261102"][1]
        seen = now
    client.query_and_wait(f"TRUNCATE TABLE `{place}.t`")
    left = partitions(client, place)
    client.query_and_wait(f"DROP TABLE `{place}.t`; CREATE TABLE `{place}.t` AS SELECT 1 AS n")
    anew = partitions(client, place)
    client.delete_dataset(place, delete_contents=True)

    assert left == {key: told for key, told in seen.items() if key[0] == "other"}
    assert {key: rows for key, (rows, _) in anew.items() if key[0] == "t"} == {("t", None): 1}


def test_a_load_is_told(dataset: Dataset) -> None:
    client, place = dataset.client, f"{dataset.client.project}.loaded"
    client.create_dataset(place)
    client.query_and_wait(f"CREATE TABLE `{place}.t` AS SELECT 1 AS n")
    before = partitions(client, place)
    client.load_table_from_json([{"n": 2}], f"{place}.t").result()
    after = partitions(client, place)
    client.delete_dataset(place, delete_contents=True)

    ((_, made),), ((rows, loaded),) = before.values(), after.values()
    assert (rows, loaded > made) == (2, True)
