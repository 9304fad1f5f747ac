-- The raw ads, in the form of `kept_raw_ads`: how often each is there, where that is not once, and whether it can be imported.
-- One without an id or an address is like no other, and null.
SELECT
  FARM_FINGERPRINT(CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source)) AS ad,
  NULLIF(COUNT(*), 1) AS n,
  IF(usable, NULL, TRUE) AS is_malformed
FROM raw_links
GROUP BY ad, usable
