-- How many ads there are of each status, and which of some are among them: of one moment.
-- An ad goes by the beginning of the SHA-256 of its id and its source. Joined, not looked for in the array: that reads
-- all of it for each ad.
-- @keys ARRAY<STRING>
WITH ads AS (
  SELECT
    status,
    SUBSTR(TO_HEX(SHA256(CONCAT(COALESCE(ad_id, ''), '\n', COALESCE(source, '')))), 1, 16) AS key
  FROM ads_enriched
),

awaited AS (
  SELECT DISTINCT awaited_key FROM UNNEST(@keys) AS awaited_key
)

SELECT
  ads.status,
  COUNT(*) AS ads,
  ARRAY_AGG(awaited.awaited_key IGNORE NULLS) AS known
FROM ads
LEFT JOIN awaited ON ads.key = awaited.awaited_key
GROUP BY ads.status
ORDER BY ads.status
