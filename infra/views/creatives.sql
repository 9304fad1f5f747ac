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
WITH sightings AS (
  SELECT
    creative_id,
    batch_id,
    uri,
    COUNT(*) OVER (PARTITION BY creative_id) AS n_ads,
    ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY IF(batch_id IS NULL, 1, 0), first_seen_at, batch_id, uri) AS place
  FROM `${project}.${dataset}.current_sightings`
),

-- How many ads use it now, and the published batch that first brought it.
sighted AS (
  SELECT creative_id, n_ads, batch_id, uri
  FROM sightings
  WHERE place = 1
),

failures AS (
  SELECT
    *,
    CASE stage
      WHEN 'intake' THEN 1 WHEN 'render' THEN 1 WHEN 'hash' THEN 2 WHEN 'probe' THEN 2 WHEN 'dedup' THEN 3 WHEN 'extract' THEN 4
    END AS step
  FROM `${project}.${dataset}.current_failures`
  WHERE creative_id IS NOT NULL
),

-- The failure that came furthest, the newest of its stage: where that one was made good, the chain goes on from there.
furthest_failure AS (
  SELECT creative_id, step, stage, reason, detail, occurred_at
  FROM failures
  WHERE step IS NOT NULL
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY step DESC, occurred_at DESC, stage, reason, detail) = 1
),

paid AS (
  SELECT creative_id, COUNT(*) AS answers, SUM(cost_usd) AS spent_usd
  FROM `${project}.${dataset}.paid_answers`
  GROUP BY creative_id
),

-- Each creative by itself, duplicate or not.
alone AS (
  SELECT
    creative_id,
    COALESCE(sighted.n_ads, 0) AS n_ads,
    COALESCE(media.kind, matches.kind) AS kind,
    COALESCE(media.uri, sighted.uri) AS uri, -- a video that is shown by its address is nowhere else
    media.content_type,
    media.bytes,
    COALESCE(media.batch_id, sighted.batch_id) AS batch_id,
    media.width,
    media.height,
    media.aspect_ratio,
    media.ad_format,
    media.duration_s,
    media.fps,
    media.codec,
    media.has_audio,
    media.frame_count,
    media.loops,
    media.near_blank,
    media.thumbnail_uri,
    matches.match,
    matches.canonical_id,
    matches.family_id,
    matches.matched_id,
    matches.distance,
    matches.score,
    matches.at_s,
    matches.until_s,
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
    failed.stage AS failed_stage,
    failed.reason AS failed_reason,
    failed.detail AS failed_detail,
    COALESCE(
      (failed.step <= 3 AND matches.decided_at >= failed.occurred_at)
      OR (failed.step <= 2 AND media.fingerprinted_at >= failed.occurred_at)
      OR (failed.step <= 1 AND media.taken_in_at >= failed.occurred_at),
      failed.step IS NULL
    ) AS unhindered,
    CASE
      WHEN matches.creative_id IS NOT NULL THEN 'extract'
      WHEN media.fingerprinted_at IS NOT NULL THEN 'dedup'
      WHEN media.kind = 'video' THEN 'probe'
      WHEN media.kind = 'image' THEN 'hash'
      ELSE 'intake'
    END AS next_stage
  FROM sighted
  FULL JOIN `${project}.${dataset}.current_media` AS media USING (creative_id)
  FULL JOIN `${project}.${dataset}.current_matches` AS matches USING (creative_id)
  FULL JOIN `${project}.${dataset}.current_features` AS features USING (creative_id)
  FULL JOIN furthest_failure AS failed USING (creative_id)
),

states AS (
  SELECT
    *,
    CASE WHEN analysed_at IS NOT NULL THEN 'analysed' WHEN unhindered THEN 'pending' ELSE 'failed' END AS state
  FROM alone
)

SELECT
  own.creative_id,
  CASE
    WHEN original.state IS NULL THEN 'pending'
    WHEN original.state = 'analysed' AND original.creative_id != own.creative_id THEN 'duplicate'
    ELSE original.state
  END AS status,
  CASE original.state WHEN 'failed' THEN original.failed_reason WHEN 'pending' THEN waits.reason END AS reason,
  CASE original.state WHEN 'failed' THEN original.failed_detail WHEN 'pending' THEN waits.detail END AS detail,
  IF(original.state = 'failed', original.failed_stage, NULL) AS failed_stage,
  CASE WHEN original.state IS NULL THEN 'extract' WHEN original.state = 'pending' THEN original.next_stage END
    AS waiting_stage,
  own.n_ads,
  own.kind,
  own.uri,
  own.content_type,
  own.bytes,
  own.batch_id,
  own.width,
  own.height,
  own.aspect_ratio,
  own.ad_format,
  own.duration_s,
  own.fps,
  own.codec,
  own.has_audio,
  own.frame_count,
  own.loops,
  own.near_blank,
  own.thumbnail_uri,
  own.match,
  own.canonical_id,
  own.family_id,
  own.matched_id,
  own.distance,
  own.score,
  own.at_s,
  own.until_s,
  own.method,
  own.override,
  own.decided_at,
  original.features,
  original.extractor,
  original.model,
  original.feature_model,
  original.feature_version,
  original.prompt_version,
  original.mode,
  original.input_tokens,
  original.output_tokens,
  original.cost_usd,
  original.analysed_at,
  COALESCE(paid.answers, 0) AS answers,
  paid.spent_usd,
  SUM(paid.spent_usd) OVER (PARTITION BY COALESCE(own.canonical_id, own.creative_id)) AS group_spent_usd
FROM states AS own
LEFT JOIN states AS original ON original.creative_id = COALESCE(own.canonical_id, own.creative_id)
LEFT JOIN `${project}.${dataset}.current_waits` AS waits ON waits.creative_id = original.creative_id
LEFT JOIN paid ON paid.creative_id = own.creative_id
