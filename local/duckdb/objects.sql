-- The tables and views of a dataset, or the one of a name, with how many rows it is thought to have.
-- $$1 is the dataset, $$2 the name (null: any).
WITH things AS (
    SELECT table_name AS name, 'TABLE' AS kind, record_count AS size, t.schema_id, t.end_snapshot
    FROM ${lake}.ducklake_table AS t LEFT JOIN ${lake}.ducklake_table_stats USING (table_id)
    UNION ALL
    SELECT view_name, 'VIEW', 0, schema_id, end_snapshot FROM ${lake}.ducklake_view
)
SELECT name, kind, coalesce(size, 0)
FROM things JOIN ${lake}.ducklake_schema AS datasets USING (schema_id)
WHERE things.end_snapshot IS NULL AND datasets.end_snapshot IS NULL
    AND schema_name = $$1 AND name = coalesce($$2, name)
ORDER BY name
