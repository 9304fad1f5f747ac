-- How many links there are in some partitions of the raw ads, and how many of them had been published before these
-- partitions came. One row.
-- @since TIMESTAMP
WITH links AS (
  SELECT DISTINCT CAST(raw.`${raw_ad_id}` AS STRING) AS ad_id, source
  FROM `${raw_ads}` AS raw
  CROSS JOIN UNNEST([${raw_ad_urls}]) AS value
  CROSS JOIN UNNEST(COALESCE(JSON_VALUE_ARRAY(value), [JSON_VALUE(value)])) AS source -- one, or a list of them
  WHERE ${raw_ads_filter}
),

published AS (
  SELECT link, MIN(occurred_at) AS earliest
  FROM ads
  GROUP BY link
)

SELECT COUNT(*) AS links, COUNTIF(published.earliest < @since) AS repeated
FROM links
LEFT JOIN published
  ON published.link
    = SUBSTR(TO_BASE64(SHA256(CONCAT(CAST(LENGTH(links.ad_id) AS STRING), ' ', links.ad_id, links.source))), 1, 12)
