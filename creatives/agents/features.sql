-- What these creatives show, as it holds now.
-- @ids ARRAY<STRING>
SELECT creative_id, features
FROM creatives
WHERE creative_id IN UNNEST(@ids)
