-- What a creative's features say now, people's words included.
-- @ids ARRAY<STRING>
SELECT features
FROM creatives
WHERE creative_id IN UNNEST(@ids)
