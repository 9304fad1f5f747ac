-- Dead letters as they were given up. One row per letter.
-- @message_ids ARRAY<STRING>
SELECT
  message_id,
  data,
  attributes,
  JSON_VALUE(attributes, '$.CloudPubSubDeadLetterSourceSubscription') AS subscription
FROM dead_letters
WHERE message_id IN UNNEST(@message_ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY publish_time, data, attributes) = 1
