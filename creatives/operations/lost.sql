-- The dead letters that no ad tells of, and that are still open:
--
-- - a row that its table has not got to this day;
-- - a published batch that cannot be read here, so that its ads are not known;
-- - a person's correction that was not decided;
-- - an answer whose quotations were not looked for.
--
-- Beside failures.sql and not a part of it, though both choose from what they found by the same words: a query is
-- billed for every table that it names, and `creatives failures` has no use for these.
--
-- The clock's own messages are not among them: it sends the next ones.
-- A letter whose loss means nothing to an ad goes by the name of its subscription.
-- @reasons ARRAY<STRING>, @stages ARRAY<STRING>, @ids ARRAY<STRING> (of ad, creative, event, batch or dead letter; each
-- empty: any), @since TIMESTAMP, @until TIMESTAMP (null: any), @most INT64 (how many at most)
WITH written AS (
  SELECT 'ads-rows' AS subscription, event_id, occurred_at FROM ads
  UNION ALL
  SELECT 'sightings-rows', event_id, occurred_at FROM sightings
  UNION ALL
  SELECT 'images-rows', event_id, occurred_at FROM images
  UNION ALL
  SELECT 'videos-rows', event_id, occurred_at FROM videos
  UNION ALL
  SELECT 'banners-rows', event_id, occurred_at FROM banners
  UNION ALL
  SELECT 'renditions-rows', event_id, occurred_at FROM renditions
  UNION ALL
  SELECT 'fingerprints-rows', event_id, occurred_at FROM fingerprints
  UNION ALL
  SELECT 'matches-rows', event_id, occurred_at FROM matches
  UNION ALL
  SELECT 'canonicals-rows', event_id, occurred_at FROM canonicals
  UNION ALL
  SELECT 'overrides-rows', event_id, occurred_at FROM overrides
  UNION ALL
  SELECT 'corrections-rows', event_id, occurred_at FROM corrections
  UNION ALL
  SELECT 'labels-rows', event_id, occurred_at FROM labels
  UNION ALL
  SELECT 'extractions-rows', event_id, occurred_at FROM extractions
  UNION ALL
  SELECT 'waits-rows', event_id, occurred_at FROM waits
  UNION ALL
  SELECT 'features-rows', event_id, occurred_at FROM features
  UNION ALL
  SELECT 'verifications-rows', event_id, occurred_at FROM verifications
  UNION ALL
  SELECT 'embeddings-rows', event_id, occurred_at FROM embeddings
  UNION ALL
  SELECT 'failures-rows', event_id, occurred_at FROM failures
  UNION ALL
  SELECT 'results-rows', event_id, occurred_at FROM results
  UNION ALL
  SELECT 'lifts-rows', event_id, occurred_at FROM lifts
  UNION ALL
  SELECT 'fatigue-rows', event_id, occurred_at FROM fatigue
  UNION ALL
  SELECT 'settled-rows', event_id, occurred_at FROM settled
),

letters AS (
  SELECT
    given_up.*,
    EXISTS (
      SELECT 1
      FROM written
      WHERE
        written.subscription = given_up.subscription
        AND written.event_id = given_up.event_id
        AND written.occurred_at = given_up.occurred_at
    ) AS is_written,
    EXISTS (
      SELECT 1
      FROM matches
      WHERE matches.event_id = given_up.event_id AND matches.creative_id = given_up.creative_id
    ) AS is_decided,
    EXISTS (
      SELECT 1
      FROM verifications
      WHERE
        verifications.creative_id = given_up.creative_id
        AND verifications.event_id = given_up.event_id
        AND verifications.answered_at = given_up.occurred_at
    ) AS is_verified
  FROM given_up
),

lost AS (
  SELECT
    ad_id,
    source,
    creative_id,
    COALESCE(stage, subscription) AS stage,
    'gave_up' AS reason,
    detail,
    batch_id,
    CAST(NULL AS STRING) AS uri,
    event_id,
    message_id,
    given_up_at AS failed_at
  FROM letters
  WHERE
    (ENDS_WITH(subscription, '-rows') AND NOT is_written)
    OR (subscription = 'fetch-batches' AND (ad_id IS NULL OR source IS NULL))
    OR (
      subscription = 'dedup-corrections'
      AND NOT is_decided
      AND creative_id IN (SELECT fingerprints.creative_id FROM fingerprints)
    )
    OR (subscription = 'verify' AND NOT is_verified)
)

SELECT *
FROM lost
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
ORDER BY failed_at DESC, message_id, ad_id, source
LIMIT @most
