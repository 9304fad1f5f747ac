-- Every ad, what became of it, and everything known of its creative. One row per (ad, URL).
--
-- Its ads are
-- - each row of the raw-ads table, whole in `raw_ad`, once per URL that it has, or once where it has none;
-- - each ad that was published in a batch, each upload, and each item of a batch that was not even an ad.
--
-- status is one of analysed, duplicate, failed, pending, as in `creatives`, in this order:
--   1. the ad's creative, as it was seen last, has a result: that result, whatever happens to the URL afterwards;
--   2. the creative failed;
--   3. the ad itself failed (its URL leads nowhere, say) and was not seen with a creative since;
--   4. a raw ad without an id or a URL, or with one too long, failed (`malformed_ad`), as import_ads leaves it out;
--   5. it waits: for its creative's stage, else for `fetch`, or for `import_ads` where nobody has read it yet.
--
-- Of the ads that use one analysed creative a single one is `analysed`, the first by ad id and source; the others show
-- byte for byte the same and are duplicates. So the counts do not depend on which of several copies came first. Two raw
-- ads of one id and URL are told apart by nothing: either of them may be the duplicate.
--
-- What was spent on a canonical and its duplicates is shared equally by all the ads that use any of them.
-- The newest failure of each ad; one that names no creative comes first, since the others are their creatives' too.
-- Items of a batch that have no id are told apart by their events; one that has an id and no URL goes by that.
WITH failures AS (
  SELECT ad_id, source, batch_id, creative_id, stage, reason, detail, occurred_at
  FROM `${project}.${dataset}.current_failures`
  WHERE
    (ad_id IS NOT NULL AND source IS NOT NULL)
    OR (creative_id IS NULL AND stage = 'fetch' AND reason IN ('malformed_ad', 'gave_up'))
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY ad_id, source, IF(ad_id IS NULL, event_id, NULL)
      ORDER BY IF(creative_id IS NULL, 0, 1), occurred_at DESC, stage, reason, creative_id, detail
    ) = 1
),

known AS (
  SELECT
    ad_id,
    source,
    COALESCE(ads.batch_id, sightings.batch_id, failures.batch_id) AS batch_id,
    COALESCE(ads.origin, sightings.origin) AS origin,
    ads.extra,
    sightings.creative_id,
    COALESCE(
      LEAST(ads.first_seen_at, sightings.first_seen_at),
      ads.first_seen_at,
      sightings.first_seen_at,
      failures.occurred_at
    ) AS first_seen_at,
    failures.stage AS failed_stage,
    failures.reason,
    failures.detail,
    failures.stage IS NOT NULL AND (
      sightings.occurred_at IS NULL OR (failures.creative_id IS NULL AND failures.occurred_at > sightings.occurred_at)
    ) AS failure_holds
  FROM `${project}.${dataset}.current_ads` AS ads
  FULL JOIN `${project}.${dataset}.current_sightings` AS sightings USING (ad_id, source)
  FULL JOIN failures USING (ad_id, source)
),

ads AS (
  SELECT
    ad_id,
    source,
    known.batch_id,
    COALESCE(known.origin, IF(raw_links.usable IS NULL, 'batch', 'raw_ads')) AS origin,
    known.extra,
    known.creative_id,
    known.first_seen_at,
    CASE WHEN known.failure_holds THEN known.failed_stage WHEN NOT raw_links.usable THEN 'import_ads' END
      AS failed_stage,
    CASE WHEN known.failure_holds THEN known.reason WHEN NOT raw_links.usable THEN 'malformed_ad' END AS reason,
    CASE WHEN known.failure_holds THEN known.detail WHEN NOT raw_links.usable THEN 'it has no usable ad id or URL' END
      AS detail,
    IF(known.first_seen_at IS NULL, 'import_ads', 'fetch') AS waiting_stage,
    raw_links.raw_ad
  FROM `${project}.${dataset}.raw_links` AS raw_links
  FULL JOIN known USING (ad_id, source)
)

SELECT
  ads.ad_id,
  ads.source,
  CASE
    WHEN
      creatives.status = 'analysed'
      AND ROW_NUMBER() OVER (using_it ORDER BY LENGTH(ads.ad_id), ads.ad_id, ads.source) > 1 -- 'ad.jpg', not 'ad (1).jpg'
      THEN 'duplicate'
    WHEN creatives.status != 'pending' THEN creatives.status
    ELSE IF(ads.failed_stage IS NULL, 'pending', 'failed')
  END AS status,
  IF(creatives.status != 'pending', creatives.reason, COALESCE(ads.reason, creatives.reason)) AS reason,
  IF(creatives.status != 'pending', creatives.detail, COALESCE(ads.detail, creatives.detail)) AS detail,
  IF(creatives.status != 'pending', creatives.failed_stage, ads.failed_stage) AS failed_stage,
  IF(
    creatives.status != 'pending' OR ads.failed_stage IS NOT NULL,
    NULL,
    COALESCE(creatives.waiting_stage, ads.waiting_stage)
  ) AS waiting_stage,
  ads.origin,
  ads.batch_id,
  ads.first_seen_at,
  ads.creative_id,
  creatives.* EXCEPT (
    creative_id, status, reason, detail, failed_stage, waiting_stage, n_ads, batch_id, answers, spent_usd,
    group_spent_usd
  ),
  IF(ads.creative_id IS NULL, NULL, COUNT(*) OVER sharing) AS n_ads_sharing,
  CAST(creatives.group_spent_usd / COUNT(*) OVER sharing AS NUMERIC) AS cost_share_usd,
  ads.extra,
  ads.raw_ad
FROM ads
LEFT JOIN `${project}.${dataset}.creatives` AS creatives USING (creative_id)
-- An ad without a creative shares with nobody, and must not be in one partition with all others of its kind.
WINDOW
  sharing AS (
    PARTITION BY COALESCE(creatives.canonical_id, ads.creative_id, CONCAT('ad ', COALESCE(ads.ad_id, ads.source)))
  ),
  using_it AS (
    PARTITION BY COALESCE(ads.creative_id, CONCAT('ad ', COALESCE(ads.ad_id, ads.source)))
  )
