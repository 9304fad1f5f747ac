-- The creatives that an ad shows, and how many other ads show them: they stay.
-- @ad_id STRING
SELECT creative_id, COUNT(DISTINCT IF(ad_id != @ad_id, ad_id, NULL)) AS n_others
FROM sightings
WHERE creative_id IN (SELECT shown.creative_id FROM sightings AS shown WHERE shown.ad_id = @ad_id)
GROUP BY creative_id
ORDER BY creative_id
