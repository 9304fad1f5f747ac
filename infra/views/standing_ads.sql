-- Each ad by what `settle` has kept of it. One row per (ad_id, source), by its fingerprint.
-- The same as current_ads, current_sightings and current_failures come to, of narrow rows.
-- A failure is kept while it holds: until the ad is seen with a creative; later ones that name none count after that.
WITH kept AS (
  SELECT
    ad,
    MIN(first_seen_at) AS first_seen_at,
    MAX(sighted_at) AS sighted_at,
    ARRAY_AGG(
      IF(sighted_at IS NULL, NULL, STRUCT(creative AS creative, sighted_at AS sighted_at)) IGNORE NULLS
      ORDER BY sighted_at DESC, creative
      LIMIT 1
    ) AS seen,
    ARRAY_AGG(
      IF(
        failed_at IS NULL,
        NULL,
        STRUCT(failed_at AS failed_at, failed_alone AS failed_alone, failed_stage AS stage, failed_reason AS reason)
      ) IGNORE NULLS
      ORDER BY IF(failed_alone, 0, 1), failed_at DESC, failed_stage, failed_reason
      LIMIT 1
    ) AS failed
  FROM `${project}.${dataset}.kept_ads`
  GROUP BY ad
),

newest AS (
  SELECT
    ad,
    first_seen_at,
    sighted_at,
    seen[SAFE_OFFSET(0)].creative AS creative,
    failed[SAFE_OFFSET(0)].failed_at AS failed_at,
    failed[SAFE_OFFSET(0)].failed_alone AS failed_alone,
    failed[SAFE_OFFSET(0)].stage AS failed_stage,
    failed[SAFE_OFFSET(0)].reason AS failed_reason,
    sighted_at IS NULL
    OR COALESCE(failed[SAFE_OFFSET(0)].failed_alone AND failed[SAFE_OFFSET(0)].failed_at > sighted_at, FALSE) AS holds
  FROM kept
)

SELECT
  ad,
  first_seen_at,
  sighted_at,
  creative,
  IF(holds, failed_at, NULL) AS failed_at,
  IF(holds, failed_alone, NULL) AS failed_alone,
  IF(holds, failed_stage, NULL) AS failed_stage,
  IF(holds, failed_reason, NULL) AS failed_reason
FROM newest
