-- What the rows since a time tell of each creative, in the form of `kept_creatives`: a row for each of them, few columns
-- filled. Rows of one creative may come in any number, any order and again: the view `standing_creatives` says what they
-- come to.
-- @since TIMESTAMP
WITH failed AS (
  SELECT
    creative_id,
    stage,
    reason,
    occurred_at,
    CASE stage
      WHEN 'intake' THEN 1 WHEN 'render' THEN 1 WHEN 'hash' THEN 2 WHEN 'probe' THEN 2 WHEN 'dedup' THEN 3 WHEN 'extract' THEN 4
    END AS step
  FROM failures
  WHERE occurred_at >= @since AND creative_id IS NOT NULL
)

SELECT
  FARM_FINGERPRINT(creative_id) AS creative,
  occurred_at AS taken_in_at,
  CAST(NULL AS BOOL) AS is_video,
  CAST(NULL AS TIMESTAMP) AS fingerprinted_at,
  CAST(NULL AS TIMESTAMP) AS decided_at,
  CAST(NULL AS INT64) AS canonical,
  CAST(NULL AS BOOL) AS is_duplicate,
  CAST(NULL AS BOOL) AS by_override,
  CAST(NULL AS TIMESTAMP) AS revised_at,
  CAST(NULL AS TIMESTAMP) AS analysed_at,
  CAST(NULL AS NUMERIC) AS cost_usd,
  CAST(NULL AS INT64) AS failed_step,
  CAST(NULL AS TIMESTAMP) AS failed_at,
  CAST(NULL AS STRING) AS failed_stage,
  CAST(NULL AS STRING) AS failed_reason,
  CAST(NULL AS TIMESTAMP) AS waited_at,
  CAST(NULL AS STRING) AS wait_reason,
  CAST(NULL AS TIMESTAMP) AS asked_at,
  CAST(NULL AS STRING) AS extractor,
  CAST(NULL AS STRING) AS model,
  CAST(NULL AS STRING) AS mode,
  CAST(NULL AS STRING) AS kind,
  CAST(NULL AS STRING) AS batch_id,
  batch_id AS taken_in_batch
FROM images
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), occurred_at, TRUE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, batch_id
FROM videos
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, occurred_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, kind, batch_id, NULL
FROM fingerprints
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, NULL, occurred_at,
  IF(canonical_id = creative_id, NULL, FARM_FINGERPRINT(canonical_id)), IF(match = 'duplicate', TRUE, NULL),
  IF(method = 'override', TRUE, NULL), IF(revised_for IS NULL, NULL, occurred_at), NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM matches
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, occurred_at, cost_usd, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL,
  extractor, model, mode, NULL, NULL, NULL
FROM features
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, step, occurred_at,
  stage, reason, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM failed
WHERE step IS NOT NULL
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, occurred_at, reason, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM waits
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(creative_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, occurred_at,
  NULL, NULL, NULL, NULL, NULL, NULL
FROM extractions
WHERE occurred_at >= @since
