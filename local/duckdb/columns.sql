-- The columns of all tables of a project, and whether each may be null, as duckdb_columns() tells it.
SELECT schema_name, table_name, column_name, nulls_allowed AS is_nullable
FROM ${lake}.ducklake_column AS columns
JOIN ${lake}.ducklake_table AS tables USING (table_id)
JOIN ${lake}.ducklake_schema AS datasets USING (schema_id)
WHERE columns.end_snapshot IS NULL AND tables.end_snapshot IS NULL AND datasets.end_snapshot IS NULL
    AND parent_column IS NULL
