-- How many links there are in some partitions of the raw ads, how many of them had been published before these
-- partitions came, and how many of those are not in the partition beside them (beside.sql). One row.
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
),

beside AS (
${beside}
)

SELECT
  COUNT(*) AS links,
  COUNTIF(published.earliest < @since) AS repeated,
  COUNTIF(published.earliest < @since AND beside.ad_id IS NULL) AS repeated_of_others
FROM links
LEFT JOIN published
  ON published.link
    = SUBSTR(TO_BASE64(SHA256(CONCAT(CAST(LENGTH(links.ad_id) AS STRING), ' ', links.ad_id, links.source))), 1, 12)
LEFT JOIN beside ON beside.ad_id = links.ad_id AND beside.source = links.source
