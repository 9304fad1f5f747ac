-- How many rows the tables of a lake have together, about.
SELECT CAST(SUM(record_count) AS BIGINT) FROM ${lake}.ducklake_table_stats
