-- How many ads there are of each status, and which of some are among them: of one moment.
-- An ad goes by the beginning of the SHA-256 of its id and its source. Joined, not looked for in the array: that reads
-- all of it for each ad.
-- @keys ARRAY<STRING>
WITH seen AS (
  SELECT
    status,
    SUBSTR(TO_HEX(SHA256(CONCAT(COALESCE(ad_id, ''), '\n', COALESCE(source, '')))), 1, 16) AS key
  FROM ads_enriched
),

awaited AS (
  SELECT DISTINCT awaited_key FROM UNNEST(@keys) AS awaited_key
)

SELECT
  seen.status,
  COUNT(*) AS ads,
  ARRAY_AGG(awaited.awaited_key IGNORE NULLS) AS known
FROM seen
LEFT JOIN awaited ON seen.key = awaited.awaited_key
GROUP BY seen.status
ORDER BY seen.status
