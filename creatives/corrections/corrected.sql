-- The fields of a creative of which a person's word holds, said of it or of a copy.
-- @creative_id STRING
SELECT word.field
FROM creatives
CROSS JOIN UNNEST(creatives.corrections) AS word
WHERE creatives.creative_id = @creative_id
ORDER BY word.field
