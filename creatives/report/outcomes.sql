-- What became of the ads. One row.
-- `flow`: how many took each way from their origin to their outcome; `ads` adds up to all of them. Of the ads that use the
-- same bytes the `first` is the one that stands for them, the others use them `again`; `none` while there is no file.
-- `failures`: the ads that failed, the newest of each stage and reason, with how many there are.
-- It is one statement because both read the same columns, which are billed once for each statement.
-- @ads_each INT64 (how many failed ads of each stage and reason at most)
WITH all_of_them AS (
  SELECT * FROM ads_enriched -- named once: the local BigQuery works out each view as often as it is named
),

placed AS (
  SELECT
    origin,
    status,
    match,
    CASE
      WHEN creative_id IS NULL THEN 'none'
      WHEN ROW_NUMBER() OVER same_file = 1 THEN 'first'
      ELSE 'again'
    END AS file
  FROM all_of_them
  -- Ads without a file are many, and are not ordered: each is in a partition of its own.
  WINDOW same_file AS (
    PARTITION BY COALESCE(creative_id, CONCAT('ad ', ad_id)) ORDER BY LENGTH(ad_id), ad_id, source
  )
),

ways AS (
  SELECT origin, file, match, status, COUNT(*) AS ads
  FROM placed
  GROUP BY origin, file, match, status
),

failed AS (
  SELECT
    failed_stage,
    reason,
    detail,
    ad_id,
    source,
    creative_id,
    first_seen_at,
    COUNT(*) OVER same_reason AS n_ads
  FROM all_of_them
  WHERE status = 'failed'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY failed_stage, reason ORDER BY first_seen_at DESC, ad_id, source) <= @ads_each
  WINDOW same_reason AS (PARTITION BY failed_stage, reason)
)

SELECT
  (
    SELECT
      ARRAY_AGG(
        STRUCT(origin AS origin, file AS file, match AS match, status AS status, ads AS ads)
        ORDER BY origin, file, match, status
      )
    FROM ways
  ) AS flow,
  (
    SELECT
      ARRAY_AGG(
        STRUCT(
          failed_stage AS stage,
          reason AS reason,
          detail AS detail,
          ad_id AS ad_id,
          source AS source,
          creative_id AS creative_id,
          first_seen_at AS first_seen_at,
          n_ads AS n_ads
        )
        ORDER BY n_ads DESC, failed_stage, reason, first_seen_at DESC, ad_id, source
      )
    FROM failed
  ) AS failures
