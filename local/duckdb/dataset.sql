-- A row if there is a dataset. $$1 is its name.
SELECT 1 FROM ${lake}.ducklake_schema WHERE end_snapshot IS NULL AND schema_name = $$1
