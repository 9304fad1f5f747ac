-- The messages that were tried to the last attempt, each with what it was about, whether or not it was made good since.
-- One row per ad of a dead letter. It reads the dead letters alone.
--
-- A dead letter holds the message itself: an event (its ids stand in it), a published batch (an item per ad) or Cloud
-- Storage's notice of an upload. `occurred_at` is the event's own time where it has one: what was achieved since then
-- (by another delivery, or by a replay) makes the dead letter moot. `stage` is null where nothing is lost to the ad.
-- A batch has no time of its own. One ad may be published as an object by itself: JSON_QUERY_ARRAY is null for what is no
-- array.
WITH messages AS (
  SELECT
    message_id,
    publish_time,
    COALESCE(JSON_VALUE(attributes, '$.event_id'), message_id) AS chain,
    SAFE.PARSE_JSON(data, wide_number_mode => 'round') AS body,
    REGEXP_REPLACE(
      JSON_VALUE(attributes, '$.CloudPubSubDeadLetterSourceSubscription'), r'^${deployment}-', ''
    ) AS subscription,
    JSON_VALUE(attributes, '$.CloudPubSubDeadLetterSourceDeliveryCount') AS attempts
  FROM `${project}.${dataset}.dead_letters`
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY publish_time, data, attributes) = 1
),

events AS (
  SELECT
    message_id,
    publish_time,
    subscription,
    attempts,
    JSON_VALUE(body, '$.event_id') AS event_id,
    JSON_VALUE(body, '$.ad_id') AS ad_id,
    JSON_VALUE(body, '$.source') AS source,
    JSON_VALUE(body, '$.creative_id') AS creative_id,
    JSON_VALUE(body, '$.batch_id') AS batch_id,
    JSON_VALUE(body, '$.kind') AS kind,
    JSON_VALUE(body, '$.stage') AS stage,
    SAFE_CAST(JSON_VALUE(body, '$.occurred_at') AS TIMESTAMP) AS occurred_at
  FROM messages
  WHERE subscription NOT IN ('fetch-batches', 'intake')
),

batch_items AS (
  SELECT
    message_id,
    publish_time,
    subscription,
    attempts,
    chain AS event_id,
    COALESCE(JSON_VALUE(item, '$.ad_id'), JSON_VALUE(item, '$')) AS ad_id,
    COALESCE(JSON_VALUE(item, '$.url'), JSON_VALUE(item, '$')) AS source,
    CAST(NULL AS STRING) AS creative_id,
    JSON_VALUE(body, '$.batch_id') AS batch_id,
    CAST(NULL AS STRING) AS kind,
    CAST(NULL AS STRING) AS stage,
    CAST(NULL AS TIMESTAMP) AS occurred_at
  FROM messages
  CROSS JOIN UNNEST(COALESCE(JSON_QUERY_ARRAY(body, '$.items'), JSON_QUERY_ARRAY(body, '$'), [body])) AS item
  WHERE subscription = 'fetch-batches'
),

-- An upload's ad is named as intake names it; of what fetch has stored, the ad is known by its sighting.
uploads AS (
  SELECT
    message_id,
    publish_time,
    subscription,
    attempts,
    message_id AS event_id,
    IF(fetched, NULL, ad_id) AS ad_id,
    IF(fetched, NULL, source) AS source,
    creative_id,
    CAST(NULL AS STRING) AS batch_id,
    CAST(NULL AS STRING) AS kind,
    CAST(NULL AS STRING) AS stage,
    occurred_at
  FROM (
    SELECT
      message_id,
      publish_time,
      subscription,
      attempts,
      STARTS_WITH(JSON_VALUE(body, '$.name'), 'fetched/') AS fetched,
      COALESCE(NULLIF(JSON_VALUE(body, '$.metadata.ad_id'), ''), JSON_VALUE(body, '$.name')) AS ad_id,
      CONCAT('gs://', JSON_VALUE(body, '$.bucket'), '/', JSON_VALUE(body, '$.name')) AS source,
      CONCAT(
        TO_HEX(SAFE.FROM_BASE64(JSON_VALUE(body, '$.md5Hash'))),
        TO_HEX(SAFE.FROM_BASE64(JSON_VALUE(body, '$.crc32c')))
      ) AS creative_id,
      SAFE_CAST(JSON_VALUE(body, '$.timeCreated') AS TIMESTAMP) AS occurred_at
    FROM messages
    WHERE subscription = 'intake'
  )
),

all_of_them AS (
  SELECT * FROM events
  UNION ALL
  SELECT * FROM batch_items
  UNION ALL
  SELECT * FROM uploads
)

SELECT
  message_id,
  subscription,
  CASE
    WHEN subscription IN ('fetch-batches', 'fetch-ads', 'sightings-rows') THEN 'fetch'
    WHEN subscription IN ('intake', 'images-rows', 'videos-rows', 'banners-rows') THEN 'intake'
    WHEN subscription IN ('render', 'hash', 'probe', 'dedup', 'extract') THEN subscription
    WHEN subscription = 'renditions-rows' THEN 'render'
    WHEN subscription = 'fingerprints-rows' THEN IF(kind = 'video', 'probe', 'hash')
    WHEN subscription = 'matches-rows' THEN 'dedup'
    WHEN subscription = 'features-rows' THEN 'extract'
    WHEN subscription = 'failures-rows' THEN stage
  END AS stage,
  CONCAT('given up after ', COALESCE(attempts, 'all'), ' attempts of subscription ', subscription) AS detail,
  event_id,
  ad_id,
  source,
  creative_id,
  batch_id,
  COALESCE(occurred_at, publish_time) AS occurred_at,
  publish_time AS given_up_at
FROM all_of_them
