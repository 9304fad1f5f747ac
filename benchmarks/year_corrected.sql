-- An ad gets another address.
-- @ad_id STRING, @url STRING
UPDATE raw_ads
SET url = @url
WHERE ad_id = @ad_id
