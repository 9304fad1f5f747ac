-- The partitions of the table of raw ads, and what tells that one has changed.
-- @table STRING
SELECT
  partition_id,
  MAX(last_modified_time) AS modified,
  SUM(total_rows) AS n_rows,
  SUM(total_logical_bytes) AS n_bytes
FROM `${raw_ads_dataset}.INFORMATION_SCHEMA.PARTITIONS`
WHERE table_name = @table
GROUP BY partition_id
