-- What the rows since a time tell of each ad, in the form of `kept_ads`: a row for each of them, few columns filled.
-- Rows of one ad may come in any number, any order and again: the view `standing_ads` says what they come to.
-- @since TIMESTAMP
SELECT
  FARM_FINGERPRINT(CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source)) AS ad,
  occurred_at AS first_seen_at,
  CAST(NULL AS TIMESTAMP) AS sighted_at,
  CAST(NULL AS INT64) AS creative,
  CAST(NULL AS TIMESTAMP) AS failed_at,
  CAST(NULL AS BOOL) AS failed_alone,
  CAST(NULL AS STRING) AS failed_stage,
  CAST(NULL AS STRING) AS failed_reason
FROM ads
WHERE occurred_at >= @since
UNION ALL
SELECT
  FARM_FINGERPRINT(CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source)),
  occurred_at,
  occurred_at,
  FARM_FINGERPRINT(creative_id),
  NULL,
  NULL,
  NULL,
  NULL
FROM sightings
WHERE occurred_at >= @since
UNION ALL
SELECT
  -- Items of a batch that have no id are told apart by their events; one that has an id and no URL goes by that.
  FARM_FINGERPRINT(
    COALESCE(
      CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source),
      CONCAT('no url ', ad_id),
      CONCAT('event ', event_id, ' ', COALESCE(source, ''))
    )
  ),
  NULL,
  NULL,
  NULL,
  occurred_at,
  IF(creative_id IS NULL, TRUE, NULL),
  stage,
  reason
FROM failures
WHERE
  occurred_at >= @since
  AND (
    (ad_id IS NOT NULL AND source IS NOT NULL)
    OR (creative_id IS NULL AND stage = 'fetch' AND reason IN ('malformed_ad', 'gave_up'))
  )
