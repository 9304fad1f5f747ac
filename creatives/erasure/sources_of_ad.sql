-- The addresses of an ad. Its creatives are others' too, and stay.
-- @ad_id STRING
SELECT source, CAST(NULL AS STRING) AS uri
FROM ads
WHERE ad_id = @ad_id
UNION DISTINCT
SELECT source, CAST(NULL AS STRING)
FROM sightings
WHERE ad_id = @ad_id
