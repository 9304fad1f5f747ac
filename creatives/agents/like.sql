-- The creatives whose vectors are most like that of one, or of what that is a copy of, the nearest first, and how much:
-- by the model that made the newest vectors. No row where it has none.
-- @creative_id STRING, @most INT64 (how many at most)
WITH newest AS (
  SELECT model, dimensions
  FROM embeddings
  WHERE reason IS NULL
  QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, model, dimensions) = 1
),

own AS (
  SELECT vectors.creative_id, vectors.vector, vectors.model, vectors.dimensions
  FROM current_embeddings AS vectors
  INNER JOIN newest ON newest.model = vectors.model AND newest.dimensions = vectors.dimensions
  WHERE
    vectors.reason IS NULL
    AND vectors.creative_id = COALESCE(
      (SELECT current_matches.canonical_id FROM current_matches WHERE current_matches.creative_id = @creative_id),
      @creative_id
    )
)

SELECT
  others.creative_id,
  1 - IF(ARRAY_LENGTH(others.vector) = ARRAY_LENGTH(own.vector), COSINE_DISTANCE(others.vector, own.vector), NULL) AS likeness
FROM current_embeddings AS others
INNER JOIN own ON own.model = others.model AND own.dimensions = others.dimensions
WHERE others.reason IS NULL AND others.creative_id != own.creative_id
ORDER BY likeness DESC, others.creative_id
LIMIT @most
