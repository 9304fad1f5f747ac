-- The creatives whose vectors are most like one, the nearest first, and how much: cosine, at most 1. Every vector of the
-- model is looked at, so that nothing near is missed. Copies have none.
-- @model STRING, @vector ARRAY<FLOAT64>, @but STRING (a creative that is left out; null: none), @most INT64 (how many at most)
SELECT
  creative_id,
  1 - IF(ARRAY_LENGTH(vector) = ARRAY_LENGTH(@vector), COSINE_DISTANCE(vector, @vector), NULL) AS likeness
FROM current_embeddings
WHERE
  model = @model
  AND dimensions = ARRAY_LENGTH(@vector)
  AND reason IS NULL
  AND (@but IS NULL OR creative_id != @but)
ORDER BY likeness DESC, creative_id
LIMIT @most
