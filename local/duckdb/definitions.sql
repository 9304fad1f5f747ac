-- The views of a lake as they are defined.
SELECT sql FROM ${lake}.ducklake_view WHERE end_snapshot IS NULL
