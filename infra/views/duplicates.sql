-- The groups of creatives that show the same: a canonical and its duplicates. One row per group of two or more.
-- `saved_usd` is what extracting each duplicate by itself would have cost, at the price paid for the canonical.
SELECT
  canonical_id,
  MIN(family_id) AS family_id,
  MIN(kind) AS kind,
  COUNT(*) AS n_creatives,
  SUM(n_ads) AS n_ads,
  MIN(cost_usd) AS cost_usd,
  SUM(IF(creative_id != canonical_id AND answers = 0, cost_usd, NULL)) AS saved_usd,
  ARRAY_AGG(
    STRUCT(
      creative_id AS creative_id,
      uri AS uri,
      n_ads AS n_ads,
      matched_id AS matched_id,
      distance AS distance,
      score AS score,
      method AS method,
      override AS override
    )
    ORDER BY creative_id
  ) AS members
FROM `${project}.${dataset}.creatives`
WHERE canonical_id IS NOT NULL
GROUP BY canonical_id
HAVING COUNT(*) > 1
