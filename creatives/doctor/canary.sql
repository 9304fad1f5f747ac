-- When each stage had done its work on one creative: the first row that it wrote.
-- @creative_id STRING, @since TIMESTAMP
SELECT stage, MIN(occurred_at) AS done_at
FROM (
  SELECT 'images' AS stage, creative_id, occurred_at FROM images
  UNION ALL SELECT 'fingerprints', creative_id, occurred_at FROM fingerprints
  UNION ALL SELECT 'matches', creative_id, occurred_at FROM matches
  UNION ALL SELECT 'features', creative_id, occurred_at FROM features
  UNION ALL SELECT 'failures', creative_id, occurred_at FROM failures
)
WHERE creative_id = @creative_id AND occurred_at >= @since
GROUP BY stage
