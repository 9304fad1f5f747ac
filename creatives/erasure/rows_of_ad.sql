-- How many rows there are of an ad, by table.
-- @ad_id STRING
SELECT 'dead_letters' AS table_name, COUNT(*) AS n_rows FROM dead_letters WHERE message_id IN (SELECT lost_messages.message_id FROM lost_messages WHERE lost_messages.ad_id = @ad_id)
UNION ALL
SELECT 'ads' AS table_name, COUNT(*) AS n_rows FROM ads WHERE ad_id = @ad_id
UNION ALL
SELECT 'sightings' AS table_name, COUNT(*) AS n_rows FROM sightings WHERE ad_id = @ad_id
UNION ALL
SELECT 'results' AS table_name, COUNT(*) AS n_rows FROM results WHERE ad_id = @ad_id
UNION ALL
SELECT 'failures' AS table_name, COUNT(*) AS n_rows FROM failures WHERE ad_id = @ad_id
