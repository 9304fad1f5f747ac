-- The tables of a lake, each with what another change of its rows would change: the newest snapshots that made or ended
-- one of its files.
SELECT
    schema_name,
    table_name,
    [
        table_id,
        (SELECT max(greatest(begin_snapshot, end_snapshot)) FROM ${lake}.ducklake_data_file AS f WHERE f.table_id = t.table_id),
        (SELECT max(greatest(begin_snapshot, end_snapshot)) FROM ${lake}.ducklake_delete_file AS f WHERE f.table_id = t.table_id)
    ]
FROM ${lake}.ducklake_table AS t JOIN ${lake}.ducklake_schema AS datasets USING (schema_id)
WHERE t.end_snapshot IS NULL AND datasets.end_snapshot IS NULL
