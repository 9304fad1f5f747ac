-- When the first batch was given up; null where none was. One row.
SELECT MIN(publish_time) AS since
FROM dead_letters
WHERE ENDS_WITH(JSON_VALUE(attributes, '$.CloudPubSubDeadLetterSourceSubscription'), 'fetch-batches')
