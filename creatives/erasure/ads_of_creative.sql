-- The ads that show a creative.
-- @creative_id STRING
SELECT DISTINCT ad_id
FROM sightings
WHERE creative_id = @creative_id
ORDER BY ad_id
