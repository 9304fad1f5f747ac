-- The creatives that stand for themselves and whose newest answer has no vector yet, those answered first.
-- @model STRING, @dimensions INT64, @most INT64 (how many at most)
WITH answers AS (
  SELECT creative_id, MAX(occurred_at) AS answered_at
  FROM features
  GROUP BY creative_id
),

made AS (
  SELECT creative_id, MAX(answered_at) AS answered_at
  FROM embeddings
  WHERE model = @model AND dimensions = @dimensions
  GROUP BY creative_id
)

SELECT answers.creative_id, answers.answered_at
FROM answers
INNER JOIN current_matches AS matches
  ON matches.creative_id = answers.creative_id AND matches.canonical_id = answers.creative_id
LEFT JOIN made ON made.creative_id = answers.creative_id
WHERE made.answered_at IS NULL OR made.answered_at < answers.answered_at
ORDER BY answers.answered_at, answers.creative_id
LIMIT @most
