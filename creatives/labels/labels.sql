-- The tags and notes that hold for some creatives.
-- @ids ARRAY<STRING>
SELECT creative_id, tags, notes
FROM creatives
WHERE creative_id IN UNNEST(@ids)
