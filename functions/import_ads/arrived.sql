-- How many ads of each batch have reached their table.
-- @batch_ids ARRAY<STRING>, @since TIMESTAMP (no later than the first of them)
SELECT batch_id, COUNT(*) AS ads
FROM (
  SELECT DISTINCT batch_id, ad_id, source
  FROM ads
  WHERE batch_id IN UNNEST(@batch_ids) AND occurred_at >= @since
)
GROUP BY batch_id
