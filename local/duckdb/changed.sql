-- When a table's rows were changed last, in milliseconds; null for one that never had any.
-- $$1 is the dataset, $$2 the table.
SELECT epoch_ms(max(snapshot_time))
FROM ${lake}.ducklake_snapshot JOIN ${lake}.ducklake_snapshot_changes USING (snapshot_id)
WHERE regexp_matches(changes_made, (
    SELECT ':' || table_id || '(,|$$)'
    FROM ${lake}.ducklake_table AS t JOIN ${lake}.ducklake_schema AS datasets USING (schema_id)
    WHERE t.end_snapshot IS NULL AND datasets.end_snapshot IS NULL AND schema_name = $$1 AND table_name = $$2
))
