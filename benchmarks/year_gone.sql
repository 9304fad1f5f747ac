-- A raw ad goes.
-- @ad_id STRING
DELETE FROM raw_ads
WHERE ad_id = @ad_id
