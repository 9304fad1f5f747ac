-- What was decided since, by whichever instance, and has a row in `canonicals`: of merges by people there is none.
-- @since TIMESTAMP
SELECT creative_id, UNIX_MICROS(MAX(occurred_at)) AS decided_us
FROM matches
WHERE occurred_at >= @since
  AND (method IN ('hash', 'pixels', 'content') OR (method = 'override' AND match != 'duplicate'))
GROUP BY creative_id
