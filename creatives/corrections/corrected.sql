-- The fields of creatives of which a person's word holds, said of them or of a copy.
-- @ids ARRAY<STRING>
SELECT word.field
FROM creatives
CROSS JOIN UNNEST(creatives.corrections) AS word
WHERE creatives.creative_id IN UNNEST(@ids)
ORDER BY word.field
