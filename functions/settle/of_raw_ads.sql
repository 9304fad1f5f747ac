-- Raw ads, in the form of `kept_raw_ads`: how often each is there with an address, where that is not once, and whether it can
-- be imported, as the view raw_links says. One without an id or an address is like no other, and null.
WITH raw_ads AS (
  SELECT
    ${part} AS part,
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
),

links AS (
  SELECT
    part,
    FARM_FINGERPRINT(CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source)) AS ad,
    source IS NOT NULL
    AND COALESCE(REGEXP_CONTAINS(ad_id, r'[^\s\pZ\x0b\x1c-\x1f\x85]') AND LENGTH(ad_id) <= 1024, FALSE) AS usable
  FROM raw_ads
  CROSS JOIN UNNEST(IF(ARRAY_LENGTH(urls) = 0, [CAST(NULL AS STRING)], urls)) AS source
)

SELECT ad, NULLIF(COUNT(*), 1) AS n, IF(usable, NULL, TRUE) AS is_malformed, part
FROM links
GROUP BY ad, usable, part
