-- The creatives to show, each with the answer that its features are from; families stay together, the most used first.
-- @creatives INT64 (how many at most)
WITH all_of_them AS (
  SELECT * FROM creatives -- named once: the local BigQuery works out each view as often as it is named
),

inside_bars AS (
  SELECT creative_id, picture_aspect
  FROM fingerprints
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, uri) = 1
)

SELECT
  creatives.*,
  inside_bars.picture_aspect,
  answer.answer_uri,
  answer.cached_tokens,
  answer.thinking_tokens,
  (SELECT COUNT(*) FROM all_of_them) AS n_creatives
FROM all_of_them AS creatives
LEFT JOIN inside_bars
  ON inside_bars.creative_id = creatives.creative_id
LEFT JOIN current_features AS answer
  ON answer.creative_id = COALESCE(creatives.canonical_id, creatives.creative_id)
ORDER BY
  SUM(creatives.n_ads) OVER (PARTITION BY COALESCE(creatives.family_id, creatives.creative_id)) DESC,
  COALESCE(creatives.family_id, creatives.creative_id),
  IF(creatives.match = 'duplicate', 1, 0),
  creatives.creative_id
LIMIT @creatives
