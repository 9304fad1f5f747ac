-- Every creative: what it is, which other it duplicates, what it shows, what that cost. One row per creative_id.
--
-- status
--   analysed   it has features of its own
--   duplicate  it shows the same as its canonical, whose features it takes over
--   failed     the stage `failed_stage` could not do its work, for `reason`
--   pending    it waits for `waiting_stage`; `reason` says why, where that is put aside (a budget, a batch)
--
-- A result is never taken back: with features a creative is analysed, whatever fails afterwards (a second extraction,
-- say). Until then a failure holds if its stage, or a later one, has not succeeded since. A duplicate fails and waits
-- with its canonical.
--
-- Money: `cost_usd` is what the features that are shown cost, `spent_usd` all that was paid for this creative itself
-- (earlier extractions and useless answers included), `group_spent_usd` the same for a canonical and its duplicates.
-- All are null where no price is known: that is not 0.
WITH ids AS (
  SELECT creative_id FROM `${project}.${dataset}.current_sightings`
  UNION DISTINCT
  SELECT creative_id FROM `${project}.${dataset}.current_media`
  UNION DISTINCT
  SELECT creative_id FROM `${project}.${dataset}.current_matches`
  UNION DISTINCT
  SELECT creative_id FROM `${project}.${dataset}.current_features`
  UNION DISTINCT
  SELECT creative_id FROM `${project}.${dataset}.current_failures` WHERE creative_id IS NOT NULL
),

-- The failures of each creative that nothing has made good, the newest of them.
failures AS (
  SELECT failed.creative_id, failed.stage, failed.reason, failed.detail
  FROM `${project}.${dataset}.current_failures` AS failed
  LEFT JOIN `${project}.${dataset}.current_media` AS media USING (creative_id)
  LEFT JOIN `${project}.${dataset}.current_matches` AS matches USING (creative_id)
  WHERE
    failed.creative_id IS NOT NULL
    AND CASE
      WHEN failed.stage = 'extract' THEN TRUE
      WHEN matches.decided_at >= failed.occurred_at THEN FALSE
      WHEN failed.stage = 'dedup' THEN TRUE
      WHEN media.fingerprinted_at >= failed.occurred_at THEN FALSE
      WHEN failed.stage IN ('hash', 'probe') THEN TRUE
      WHEN media.taken_in_at >= failed.occurred_at THEN FALSE
      ELSE failed.stage = 'intake'
    END
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY failed.creative_id ORDER BY failed.occurred_at DESC, failed.stage, failed.reason, failed.detail
    ) = 1
),

paid AS (
  SELECT creative_id, COUNT(*) AS answers, SUM(cost_usd) AS spent_usd
  FROM `${project}.${dataset}.paid_answers`
  GROUP BY creative_id
),

-- The published batch that first brought it.
batches AS (
  SELECT creative_id, batch_id
  FROM `${project}.${dataset}.current_sightings`
  WHERE batch_id IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY first_seen_at, batch_id) = 1
),

-- Each creative by itself, duplicate or not.
alone AS (
  SELECT
    ids.creative_id,
    features.creative_id IS NOT NULL AS has_features,
    failures.stage AS failed_stage,
    failures.reason AS failed_reason,
    failures.detail AS failed_detail,
    CASE
      WHEN matches.creative_id IS NOT NULL THEN 'extract'
      WHEN media.fingerprinted_at IS NOT NULL THEN 'dedup'
      WHEN media.kind = 'video' THEN 'probe'
      WHEN media.kind = 'image' THEN 'hash'
      ELSE 'intake'
    END AS next_stage,
    waits.reason AS wait_reason,
    waits.detail AS wait_detail
  FROM ids
  LEFT JOIN `${project}.${dataset}.current_media` AS media USING (creative_id)
  LEFT JOIN `${project}.${dataset}.current_matches` AS matches USING (creative_id)
  LEFT JOIN `${project}.${dataset}.current_features` AS features USING (creative_id)
  LEFT JOIN `${project}.${dataset}.current_waits` AS waits USING (creative_id)
  LEFT JOIN failures USING (creative_id)
),

judged AS (
  SELECT
    creative_id,
    CASE WHEN has_features THEN 'analysed' WHEN failed_stage IS NOT NULL THEN 'failed' ELSE 'pending' END AS status,
    IF(has_features, NULL, failed_stage) AS failed_stage,
    IF(has_features OR failed_stage IS NOT NULL, NULL, next_stage) AS waiting_stage,
    CASE WHEN has_features THEN NULL WHEN failed_stage IS NOT NULL THEN failed_reason ELSE wait_reason END AS reason,
    CASE WHEN has_features THEN NULL WHEN failed_stage IS NOT NULL THEN failed_detail ELSE wait_detail END AS detail
  FROM alone
)

SELECT
  ids.creative_id,
  CASE
    WHEN matches.canonical_id = ids.creative_id OR matches.canonical_id IS NULL THEN judged.status
    WHEN judged.status = 'analysed' THEN 'duplicate'
    ELSE COALESCE(judged.status, 'pending')
  END AS status,
  judged.reason,
  judged.detail,
  judged.failed_stage,
  IF(judged.creative_id IS NULL, 'extract', judged.waiting_stage) AS waiting_stage,
  COALESCE(media.kind, matches.kind) AS kind,
  media.uri,
  media.content_type,
  media.bytes,
  COALESCE(media.batch_id, batches.batch_id) AS batch_id,
  media.width,
  media.height,
  media.aspect_ratio,
  media.ad_format,
  media.duration_s,
  media.fps,
  media.codec,
  media.has_audio,
  media.frame_count,
  media.near_blank,
  media.thumbnail_uri,
  matches.match,
  matches.canonical_id,
  matches.family_id,
  matches.matched_id,
  matches.distance,
  matches.score,
  matches.method,
  matches.override,
  matches.decided_at,
  features.features,
  features.extractor,
  features.model,
  features.feature_model,
  features.feature_version,
  features.prompt_version,
  features.mode,
  features.input_tokens,
  features.output_tokens,
  features.cost_usd,
  features.occurred_at AS analysed_at,
  COALESCE(paid.answers, 0) AS answers,
  paid.spent_usd,
  SUM(paid.spent_usd) OVER (PARTITION BY COALESCE(matches.canonical_id, ids.creative_id)) AS group_spent_usd
FROM ids
LEFT JOIN `${project}.${dataset}.current_media` AS media USING (creative_id)
LEFT JOIN `${project}.${dataset}.current_matches` AS matches USING (creative_id)
LEFT JOIN batches USING (creative_id)
LEFT JOIN paid USING (creative_id)
LEFT JOIN judged ON judged.creative_id = COALESCE(matches.canonical_id, ids.creative_id)
LEFT JOIN `${project}.${dataset}.current_features` AS features
  ON features.creative_id = COALESCE(matches.canonical_id, ids.creative_id)
