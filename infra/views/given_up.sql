-- The messages that were tried to the last attempt, each with what it was about. One row per ad of a dead letter.
-- The same as `lost_messages`, but for batches that `fetch` has split since: these are moot.
--
-- When the items of a batch came out of it last; their ids are the batch's and their place in it.
WITH split AS (
  SELECT REGEXP_EXTRACT(event_id, r'^(.+)-[0-9]+$') AS chain, MAX(occurred_at) AS split_at
  FROM (
    SELECT event_id, occurred_at FROM `${project}.${dataset}.ads`
    UNION ALL
    SELECT event_id, occurred_at FROM `${project}.${dataset}.failures` WHERE stage = 'fetch'
  )
  GROUP BY chain
)

SELECT lost.*
FROM `${project}.${dataset}.lost_messages` AS lost
LEFT JOIN split ON split.chain = lost.event_id AND lost.subscription = 'fetch-batches'
WHERE split.split_at IS NULL OR split.split_at < lost.given_up_at
