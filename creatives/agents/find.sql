-- The creatives that have most of some words in features, names, formats, tags or notes; those on most ads first. Copies
-- are one with their canonical. Texts are folded as folding.js of the page does it.
-- @words ARRAY<STRING> (as texts are folded), @patterns ARRAY<STRING>, @most INT64 (how many at most)
WITH ads AS (
  SELECT
    COALESCE(canonical_id, creative_id) AS creative_id,
    COUNT(*) AS n_ads,
    ARRAY_AGG(
      STRUCT(ad_id, source)
      ORDER BY IF(canonical_id = creative_id, 0, 1), LENGTH(ad_id), ad_id, source
      LIMIT 1
    )[OFFSET(0)] AS first_ad,
    -- an upload's path in the bucket is nobody's word, and a file within an address has none
    STRING_AGG(
      CONCAT(
        IF(STARTS_WITH(ad_id, 'data:'), '', LEFT(ad_id, 1024)),
        '\n',
        IF(REGEXP_CONTAINS(COALESCE(source, 'gs:'), r'^(?:gs|data):'), '', LEFT(source, 1024))
      ),
      '\n'
    ) AS names
  FROM ads_enriched
  WHERE creative_id IS NOT NULL
  GROUP BY 1
),

told AS (
  SELECT
    creative_id,
    uri,
    kind,
    ad_format,
    features,
    tags,
    notes,
    COALESCE(ads.n_ads, 0) AS n_ads,
    ads.first_ad,
    NORMALIZE(
      CONCAT(
        -- values alone, not the fields' names
        REGEXP_REPLACE(
          REGEXP_REPLACE(
            IF(status = 'analysed', TO_JSON_STRING(features), ''),
            r'"[A-Za-z0-9_]+":(?:null|true|false)?|\\[nrt]',
            ' '
          ),
          r'\\(["\\/])',
          r'\1'
        ),
        '\n',
        COALESCE(ARRAY_TO_STRING(tags, '\n'), ''),
        '\n',
        COALESCE((SELECT STRING_AGG(note.text, '\n') FROM UNNEST(notes) AS note), ''),
        '\n',
        COALESCE(IF(STRPOS(uri, creative_id) > 0, '', REGEXP_EXTRACT(uri, r'[^/]+$')), ''),
        '\n',
        COALESCE(ads.names, ''),
        '\n',
        CONCAT(COALESCE(kind, ''), '\n', COALESCE(ad_format, ''), '\n', COALESCE(aspect_ratio, '')),
        '\n',
        COALESCE(CONCAT(CAST(width AS STRING), 'x', CAST(height AS STRING)), '')
      ),
      NFC
    ) AS written
  FROM creatives
  LEFT JOIN ads USING (creative_id)
  WHERE COALESCE(canonical_id, creative_id) = creative_id
),

-- Of umlauts both spellings.
spelled AS (
  SELECT
    *,
    IF(
      REGEXP_CONTAINS(written, r'[äöüÄÖÜ]'),
      CONCAT(written, '\n', REPLACE(REPLACE(REPLACE(LOWER(written), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue')),
      written
    ) AS spellings
  FROM told
),

lower_case AS (
  SELECT *, LOWER(NORMALIZE(TRANSLATE(spellings, '‘’ʼ´`‐‑‒–—−×', "'''''------x"), NFKD)) AS small
  FROM spelled
),

folded AS (
  SELECT
    *,
    REGEXP_REPLACE(
      REGEXP_REPLACE(
        REPLACE(REPLACE(REPLACE(TRANSLATE(small, 'øłđıς', 'oldiσ'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
        r'[\pM\x{00AD}\x{200B}-\x{200D}\x{FEFF}]+',
        ''
      ),
      r'[\t\r\f\v\pZ]+',
      ' '
    ) AS said
  FROM lower_case
),

-- A pattern that stands for itself is read once; one that comes as a row is read anew for each text.
found AS (
  SELECT
    *,
    (SELECT COUNT(*) FROM UNNEST(@words) AS word WHERE STRPOS(folded.said, word) > 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(0)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(1)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(2)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(3)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(4)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(5)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(6)]), 1, 0)
    + IF(REGEXP_CONTAINS(said, @patterns[SAFE_OFFSET(7)]), 1, 0)
    + (
      SELECT COUNT(*)
      FROM UNNEST(@patterns) AS pattern WITH OFFSET AS place
      WHERE place >= 8 AND REGEXP_CONTAINS(folded.said, pattern)
    ) AS n_words
  FROM folded
)

SELECT
  creative_id,
  kind,
  ad_format,
  n_words,
  n_ads,
  first_ad.ad_id,
  first_ad.source,
  uri,
  tags,
  notes,
  features
FROM found
-- One of two words is no answer: "free shipping" is no free game.
WHERE 2 * n_words > ARRAY_LENGTH(@words) + ARRAY_LENGTH(@patterns)
ORDER BY n_words DESC, n_ads DESC, creative_id
LIMIT @most
