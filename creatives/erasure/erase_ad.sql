-- Takes all rows of an ad out of the tables. The dead letters first: the rows tell which they are.
-- @ad_id STRING
-- What else was in a batch that was given up stays given up: each ad in a letter of its own.
INSERT INTO dead_letters (subscription_name, message_id, publish_time, attributes, data)
SELECT
  letter.subscription_name,
  CONCAT(letter.message_id, '-', TO_HEX(MD5(CONCAT(COALESCE(other.ad_id, ''), ' ', COALESCE(other.source, ''))))) AS message_id,
  letter.publish_time,
  IF(
    JSON_VALUE(letter.attributes, '$.event_id') IS NULL,
    CONCAT('{"event_id":', TO_JSON_STRING(letter.message_id), ',', SUBSTR(letter.attributes, 2)),
    letter.attributes
  ) AS attributes,
  TO_JSON_STRING(STRUCT(other.batch_id AS batch_id, [STRUCT(other.ad_id AS ad_id, other.source AS url)] AS items)) AS data
FROM dead_letters AS letter
INNER JOIN given_up AS other ON other.message_id = letter.message_id
WHERE
  other.subscription = 'fetch-batches'
  AND COALESCE(other.ad_id, '') != @ad_id
  AND letter.message_id IN (SELECT lost_messages.message_id FROM lost_messages WHERE lost_messages.ad_id = @ad_id);

DELETE FROM dead_letters WHERE message_id IN (SELECT lost_messages.message_id FROM lost_messages WHERE lost_messages.ad_id = @ad_id);

DELETE FROM ads WHERE ad_id = @ad_id;

DELETE FROM sightings WHERE ad_id = @ad_id;

DELETE FROM results WHERE ad_id = @ad_id;

DELETE FROM failures WHERE ad_id = @ad_id;
