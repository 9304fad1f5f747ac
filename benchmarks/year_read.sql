-- How many raw ads an import read, and how many ads it held them against.
-- @since TIMESTAMP
SELECT
  COUNT(*) AS raw_ads,
  (SELECT COUNT(*) FROM ads WHERE occurred_at >= @since) AS ads
FROM raw_ads AS raw
WHERE ${raw_ads_filter}
