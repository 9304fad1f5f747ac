-- The ads that failed, each with the failure that holds, newest first. An ad of a creative that failed has the
-- creative's failure, a duplicate its canonical's.
--
-- `message_id` is the dead letter's where the message was given up, and null otherwise. Items of a batch that have no
-- ad_id or no URL have neither ids nor an event.
-- @reasons ARRAY<STRING>, @stages ARRAY<STRING>, @ids ARRAY<STRING> (of ad, creative, event, batch or dead letter; each
-- empty: any), @since TIMESTAMP, @until TIMESTAMP (null: any), @most INT64 (how many at most)
WITH failed AS (
  SELECT
    ad_id,
    source,
    COALESCE(canonical_id, creative_id) AS creative_id,
    failed_stage AS stage,
    reason,
    detail,
    batch_id,
    first_seen_at
  FROM ads_enriched
  WHERE status = 'failed'
),

told AS (
  SELECT
    stage, reason, ad_id, source, creative_id, event_id, uri, CAST(NULL AS STRING) AS message_id,
    occurred_at AS failed_at
  FROM failures
  UNION ALL
  SELECT stage, 'gave_up', ad_id, source, creative_id, event_id, CAST(NULL AS STRING), message_id, given_up_at
  FROM given_up
  WHERE stage IS NOT NULL
),

of_creatives AS (
  SELECT *
  FROM told
  WHERE creative_id IS NOT NULL AND stage != 'fetch' -- where the ad failed, whatever it showed before
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id, stage, reason ORDER BY failed_at DESC, event_id) = 1
),

of_ads AS (
  SELECT *
  FROM told
  WHERE ad_id IS NOT NULL AND source IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY ad_id, source, stage, reason ORDER BY failed_at DESC, event_id) = 1
),

found AS (
  SELECT
    failed.ad_id,
    failed.source,
    failed.creative_id,
    failed.stage,
    failed.reason,
    failed.detail,
    failed.batch_id,
    COALESCE(of_creatives.uri, of_ads.uri) AS uri,
    COALESCE(of_creatives.event_id, of_ads.event_id) AS event_id,
    COALESCE(of_creatives.message_id, of_ads.message_id) AS message_id,
    COALESCE(of_creatives.failed_at, of_ads.failed_at, failed.first_seen_at) AS failed_at
  FROM failed
  LEFT JOIN of_creatives
    ON
      of_creatives.creative_id = failed.creative_id
      AND of_creatives.stage = failed.stage
      AND of_creatives.reason = failed.reason
  LEFT JOIN of_ads
    ON
      of_ads.ad_id = failed.ad_id
      AND of_ads.source = failed.source
      AND of_ads.stage = failed.stage
      AND of_ads.reason = failed.reason
)

SELECT *
FROM found
WHERE
  (COALESCE(ARRAY_LENGTH(@reasons), 0) = 0 OR reason IN UNNEST(@reasons))
  AND (COALESCE(ARRAY_LENGTH(@stages), 0) = 0 OR stage IN UNNEST(@stages))
  AND (@since IS NULL OR failed_at >= @since)
  AND (@until IS NULL OR failed_at < @until)
  AND (
    COALESCE(ARRAY_LENGTH(@ids), 0) = 0
    OR ad_id IN UNNEST(@ids)
    OR creative_id IN UNNEST(@ids)
    OR event_id IN UNNEST(@ids)
    OR batch_id IN UNNEST(@ids)
    OR message_id IN UNNEST(@ids)
  )
ORDER BY failed_at DESC, ad_id, source
LIMIT @most
