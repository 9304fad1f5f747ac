-- The creatives of which features, tags or notes hold most of some words, or words that begin so; those on most ads first.
-- Copies are one with their canonical. Accents are no matter.
-- @words ARRAY<STRING> (in lower case, without accents), @most INT64 (how many at most)
WITH told AS (
  SELECT
    creative_id,
    uri,
    kind,
    ad_format,
    features,
    tags,
    notes,
    -- without the fields' names, a space before each word
    REGEXP_REPLACE(
      REGEXP_REPLACE(
        LOWER(
          NORMALIZE(
            CONCAT(
              REGEXP_REPLACE(IF(status = 'analysed', TO_JSON_STRING(features), ''), r'"[A-Za-z0-9_]+":(?:null)?|\\[nrt]', ' '),
              ' ',
              COALESCE(ARRAY_TO_STRING(tags, ' '), ''),
              ' ',
              COALESCE((SELECT STRING_AGG(note.text, ' ') FROM UNNEST(notes) AS note), '')
            ),
            NFKD
          )
        ),
        r'\pM+',
        ''
      ),
      r'[^\pL\pN.,%]+',
      ' '
    ) AS said
  FROM creatives
  WHERE COALESCE(canonical_id, creative_id) = creative_id
),

found AS (
  SELECT
    creative_id,
    uri,
    kind,
    ad_format,
    features,
    tags,
    notes,
    (SELECT COUNT(*) FROM UNNEST(@words) AS word WHERE STRPOS(told.said, CONCAT(' ', word)) > 0) AS n_words
  FROM told
),

ads AS (
  SELECT
    COALESCE(canonical_id, creative_id) AS creative_id,
    ad_id,
    source,
    COUNT(*) OVER (PARTITION BY COALESCE(canonical_id, creative_id)) AS n_ads
  FROM ads_enriched
  WHERE creative_id IS NOT NULL
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(canonical_id, creative_id)
      ORDER BY IF(canonical_id = creative_id, 0, 1), first_seen_at, ad_id, source
    ) = 1
)

SELECT
  found.creative_id,
  found.kind,
  found.ad_format,
  found.n_words,
  COALESCE(ads.n_ads, 0) AS n_ads,
  ads.ad_id,
  ads.source,
  found.uri,
  found.tags,
  found.notes,
  found.features
FROM found
LEFT JOIN ads USING (creative_id)
WHERE found.n_words > 0
ORDER BY found.n_words DESC, n_ads DESC, found.creative_id
LIMIT @most
