-- People's words on a creative that are later than one of now: of a clock that goes fast, say.
-- @ids ARRAY<STRING>, @than TIMESTAMP
SELECT
  word.field,
  word.author,
  word.corrected_at
FROM creatives
CROSS JOIN UNNEST(creatives.corrections) AS word
WHERE creatives.creative_id IN UNNEST(@ids) AND word.corrected_at > @than
ORDER BY word.field
