-- What creatives' features say now, people's words included.
-- @ids ARRAY<STRING>
SELECT creative_id, features
FROM creatives
WHERE creative_id IN UNNEST(@ids)
