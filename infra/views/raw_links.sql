-- The raw ads, whole, once per URL that each has, or once where it has none. One row per raw ad and URL.
-- An ad is `usable` by its id: import_ads leaves the others out.
WITH raw_ads AS (
  SELECT
    raw AS raw_ad,
    CAST(raw.`${raw_ad_id}` AS STRING) AS ad_id,
    ARRAY(
      SELECT DISTINCT candidate
      FROM UNNEST([${raw_ad_urls}]) AS value
      CROSS JOIN UNNEST(COALESCE(JSON_VALUE_ARRAY(value), [JSON_VALUE(value)])) AS candidate -- one, or a list of them
      WHERE REGEXP_CONTAINS(candidate, r'[^\s\pZ\x0b\x1c-\x1f\x85]') -- not blank
        AND BYTE_LENGTH(candidate) <= 500000
    ) AS urls
  FROM `${raw_ads}` AS raw
  WHERE ${raw_ads_filter}
)

SELECT
  raw_ad,
  ad_id,
  source,
  source IS NOT NULL
  AND COALESCE(REGEXP_CONTAINS(ad_id, r'[^\s\pZ\x0b\x1c-\x1f\x85]') AND LENGTH(ad_id) <= 1024, FALSE) AS usable
FROM raw_ads
CROSS JOIN UNNEST(IF(ARRAY_LENGTH(urls) = 0, [CAST(NULL AS STRING)], urls)) AS source
