-- The (ad, URL) pairs of the raw-ads table that no published batch has held. What has no id or no URL, or a longer one
-- than can be published, is left out; infra/views/ads_enriched.sql says by the same rule that it failed.
WITH links AS (
  SELECT DISTINCT CAST(raw.`${raw_ad_id}` AS STRING) AS ad_id, source
  FROM `${raw_ads}` AS raw
  CROSS JOIN UNNEST([${raw_ad_urls}]) AS value
  CROSS JOIN UNNEST(COALESCE(JSON_VALUE_ARRAY(value), [JSON_VALUE(value)])) AS source -- one, or a list of them
  WHERE ${raw_ads_filter}
    AND REGEXP_CONTAINS(source, r'[^\s\pZ\x0b\x1c-\x1f\x85]') -- not blank
    AND BYTE_LENGTH(source) <= 500000
),

published AS (
  SELECT DISTINCT ad_id, source
  FROM ads
)

SELECT links.ad_id, links.source
FROM links
LEFT JOIN published
  ON published.ad_id = links.ad_id AND published.source = links.source
WHERE published.ad_id IS NULL
  AND REGEXP_CONTAINS(links.ad_id, r'[^\s\pZ\x0b\x1c-\x1f\x85]')
  AND LENGTH(links.ad_id) <= 1024
