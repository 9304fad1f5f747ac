-- The events by which ads were asked for last. One row per ad and URL.
-- @ad_ids ARRAY<STRING>
SELECT *
FROM ads
WHERE ad_id IN UNNEST(@ad_ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY ad_id, source ORDER BY occurred_at DESC, event_id) = 1
