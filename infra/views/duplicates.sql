-- The groups of creatives that show the same: a canonical and its duplicates. One row per group of two or more.
-- `saved_usd` is what extracting each duplicate by itself would have cost, at the price paid for the canonical.
WITH used AS (
  SELECT creative_id, COUNT(*) AS n_ads
  FROM `${project}.${dataset}.ads_enriched`
  WHERE creative_id IS NOT NULL
  GROUP BY creative_id
),

members AS (
  SELECT
    creatives.canonical_id,
    creatives.creative_id,
    creatives.creative_id != creatives.canonical_id AS is_duplicate,
    creatives.family_id,
    creatives.kind,
    creatives.uri,
    creatives.matched_id,
    creatives.distance,
    creatives.score,
    creatives.method,
    creatives.override,
    creatives.answers,
    creatives.cost_usd,
    COALESCE(used.n_ads, 0) AS n_ads
  FROM `${project}.${dataset}.creatives` AS creatives
  LEFT JOIN used USING (creative_id)
  WHERE creatives.canonical_id IS NOT NULL
)

SELECT
  canonical_id,
  ANY_VALUE(family_id) AS family_id,
  ANY_VALUE(kind) AS kind,
  COUNT(*) AS n_creatives,
  SUM(n_ads) AS n_ads,
  ANY_VALUE(cost_usd) AS cost_usd,
  SUM(IF(is_duplicate AND answers = 0, cost_usd, NULL)) AS saved_usd,
  ARRAY_AGG(
    STRUCT(creative_id, is_duplicate, uri, n_ads, matched_id, distance, score, method, override) ORDER BY creative_id
  ) AS members
FROM members
GROUP BY canonical_id
HAVING COUNT(*) > 1
