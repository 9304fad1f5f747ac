-- The newest snapshot of a lake: another after each change of its rows, tables and views.
SELECT MAX(snapshot_id) FROM ${lake}.ducklake_snapshot
