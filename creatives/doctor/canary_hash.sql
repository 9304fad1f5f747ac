-- The hash of a picture as its table holds it.
-- @creative_id STRING, @since TIMESTAMP
SELECT dhash
FROM fingerprints
WHERE creative_id = @creative_id AND occurred_at >= @since AND dhash IS NOT NULL
LIMIT 1
