-- The same as unseen.sql, for a table `ads` whose rows all have their `link`: of it that column alone is read, and of some
-- raw ads the rows of a time alone (history.py). What is in `beside` (beside.sql) was published, too.
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
  SELECT DISTINCT link
  FROM ads
  WHERE ${ads_filter}
),

beside AS (
${beside}
)

SELECT links.ad_id, links.source
FROM links
LEFT JOIN published
  ON published.link
    = SUBSTR(TO_BASE64(SHA256(CONCAT(CAST(LENGTH(links.ad_id) AS STRING), ' ', links.ad_id, links.source))), 1, 12)
LEFT JOIN beside ON beside.ad_id = links.ad_id AND beside.source = links.source
WHERE published.link IS NULL
  AND beside.ad_id IS NULL
  AND REGEXP_CONTAINS(links.ad_id, r'[^\s\pZ\x0b\x1c-\x1f\x85]')
  AND LENGTH(links.ad_id) <= 1024
