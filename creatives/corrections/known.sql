-- Those of some creatives that have been compared with others, and what they are.
-- @ids ARRAY<STRING>
SELECT creative_id, kind
FROM current_matches
WHERE creative_id IN UNNEST(@ids)
