-- The views of a lake as they are defined, each with its dataset and name.
SELECT schema_name, view_name, sql
FROM ${lake}.ducklake_view AS views JOIN ${lake}.ducklake_schema AS datasets USING (schema_id)
WHERE views.end_snapshot IS NULL AND datasets.end_snapshot IS NULL
