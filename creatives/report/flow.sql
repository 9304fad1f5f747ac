-- What became of the ads: how many took each way from their origin to their outcome. `ads` adds up to all of them.
-- Of the ads that use the same bytes the `first` is the one that stands for them, the others use them `again`; `none`
-- while there is no file.
WITH ads AS (
  SELECT
    origin,
    status,
    match,
    CASE
      WHEN creative_id IS NULL THEN 'none'
      WHEN ROW_NUMBER() OVER same_file = 1 THEN 'first'
      ELSE 'again'
    END AS file
  FROM ads_enriched
  -- Ads without a file are many, and are not ordered: each is in a partition of its own.
  WINDOW same_file AS (
    PARTITION BY COALESCE(creative_id, CONCAT('ad ', ad_id)) ORDER BY ad_id, source
  )
)

SELECT origin, file, match, status, COUNT(*) AS ads
FROM ads
GROUP BY origin, file, match, status
ORDER BY origin, file, match, status
