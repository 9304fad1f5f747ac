-- The creatives whose features are this one's.
-- @creative_id STRING
SELECT creative_id
FROM current_matches
WHERE canonical_id = @creative_id AND creative_id != @creative_id
ORDER BY creative_id
