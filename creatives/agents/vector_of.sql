-- The vector of one creative, or of the one that it is a copy of. At most one row.
-- @creative_id STRING, @model STRING, @dimensions INT64
SELECT creative_id, vector
FROM current_embeddings
WHERE
  model = @model
  AND dimensions = @dimensions
  AND reason IS NULL
  AND creative_id = COALESCE(
    (SELECT current_matches.canonical_id FROM current_matches WHERE current_matches.creative_id = @creative_id),
    @creative_id
  )
