-- The addresses that a creative was downloaded from, and its objects.
-- @creative_id STRING
SELECT source, uri
FROM sightings
WHERE creative_id = @creative_id
UNION DISTINCT
SELECT CAST(NULL AS STRING), uri
FROM images
WHERE creative_id = @creative_id
UNION DISTINCT
SELECT CAST(NULL AS STRING), uri
FROM videos
WHERE creative_id = @creative_id
UNION DISTINCT
SELECT CAST(NULL AS STRING), uri
FROM banners
WHERE creative_id = @creative_id
