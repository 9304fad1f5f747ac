-- The creatives whose features hold most of some words, or words that begin so; those on most ads first. Copies are one
-- with their canonical. Accents are no matter.
-- @words ARRAY<STRING> (in lower case, without accents), @most INT64 (how many at most)
WITH told AS (
  SELECT
    creative_id,
    kind,
    ad_format,
    features,
    -- without the fields' names, a space before each word
    REGEXP_REPLACE(
      REGEXP_REPLACE(
        LOWER(NORMALIZE(REGEXP_REPLACE(TO_JSON_STRING(features), r'"[A-Za-z0-9_]+":|\\[nrt]', ' '), NFKD)),
        r'\pM+',
        ''
      ),
      r'[^\pL\pN.,%]+',
      ' '
    ) AS said
  FROM creatives
  WHERE status = 'analysed'
),

found AS (
  SELECT
    creative_id,
    kind,
    ad_format,
    features,
    (SELECT COUNT(*) FROM UNNEST(@words) AS word WHERE STRPOS(told.said, CONCAT(' ', word)) > 0) AS n_words
  FROM told
),

ads AS (
  SELECT COALESCE(canonical_id, creative_id) AS creative_id, COUNT(*) AS n_ads
  FROM ads_enriched
  WHERE creative_id IS NOT NULL
  GROUP BY COALESCE(canonical_id, creative_id)
)

SELECT
  found.creative_id,
  found.kind,
  found.ad_format,
  found.n_words,
  COALESCE(ads.n_ads, 0) AS n_ads,
  found.features
FROM found
LEFT JOIN ads USING (creative_id)
WHERE found.n_words > 0
ORDER BY found.n_words DESC, n_ads DESC, found.creative_id
LIMIT @most
