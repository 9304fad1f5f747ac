-- The partitions of these tables of a dataset, and what tells that one has changed.
-- @tables ARRAY<STRING>
SELECT
  table_name,
  partition_id,
  MAX(last_modified_time) AS modified,
  SUM(total_rows) AS n_rows,
  SUM(total_logical_bytes) AS n_bytes
FROM `${of}.INFORMATION_SCHEMA.PARTITIONS`
WHERE table_name IN UNNEST(@tables)
GROUP BY table_name, partition_id
