-- Those of some creatives that have been compared with others.
-- @ids ARRAY<STRING>
SELECT creative_id
FROM current_matches
WHERE creative_id IN UNNEST(@ids)
