-- The (ad, URL) pairs of a partition of the raw ads that has been read, and is what it was then: all were published.
SELECT DISTINCT CAST(raw.`${raw_ad_id}` AS STRING) AS ad_id, source
FROM `${raw_ads}` AS raw
CROSS JOIN UNNEST([${raw_ad_urls}]) AS value
CROSS JOIN UNNEST(COALESCE(JSON_VALUE_ARRAY(value), [JSON_VALUE(value)])) AS source -- one, or a list of them
WHERE ${raw_ads_filter}
