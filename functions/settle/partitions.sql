-- The partitions of these tables, and what tells that one has changed.
-- @tables ARRAY<STRING>
SELECT
  table_name,
  partition_id,
  MAX(last_modified_time) AS modified,
  SUM(total_rows) AS n_rows
FROM `${project}.${dataset}.INFORMATION_SCHEMA.PARTITIONS`
WHERE table_name IN UNNEST(@tables)
GROUP BY table_name, partition_id
