-- The same as standing.sql, of what `settle` has kept of each ad and creative (standing_ads,
-- standing_creatives, standing_ends, standing_answers) instead of all rows. One row. What the words mean is said where the views say it: ads_enriched and creatives.
-- `circles`: of people's corrections that point in a circle, whose end is told by ids, which are not kept.
-- @today DATE (in UTC), @lost_since TIMESTAMP (no later than the first batch that was given up)
-- What was given up is no row that stays: a batch that is split later is no loss any more. So it is asked for each time.
-- The same as in given_up, of the days since then: what came out of a batch before it was given up does not count.
WITH split AS (
  SELECT REGEXP_EXTRACT(event_id, r'^(.+)-[0-9]+$') AS chain, MAX(occurred_at) AS split_at
  FROM (
    SELECT event_id, occurred_at FROM `${project}.${dataset}.ads` WHERE occurred_at >= @lost_since
    UNION ALL
    SELECT event_id, occurred_at FROM `${project}.${dataset}.failures` WHERE stage = 'fetch' AND occurred_at >= @lost_since
  )
  GROUP BY chain
),

lost AS (
  SELECT ad_id, source, creative_id, event_id, stage, occurred_at
  FROM lost_messages AS each_of_them
  LEFT JOIN split ON split.chain = each_of_them.event_id AND each_of_them.subscription = 'fetch-batches'
  WHERE stage IS NOT NULL AND (split.split_at IS NULL OR split.split_at < each_of_them.given_up_at)
),

lost_ads AS (
  SELECT
    FARM_FINGERPRINT(
      COALESCE(
        CONCAT(CAST(LENGTH(ad_id) AS STRING), ' ', ad_id, source),
        CONCAT('event ', event_id, ' ', COALESCE(ad_id, ''), ' ', COALESCE(source, ''))
      )
    ) AS ad,
    occurred_at,
    creative_id IS NULL AS alone,
    stage
  FROM lost
  WHERE (ad_id IS NOT NULL AND source IS NOT NULL) OR (creative_id IS NULL AND stage = 'fetch')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY ad ORDER BY IF(alone, 0, 1), occurred_at DESC, stage) = 1
),

-- Whether it is a newer failure than the one that is kept, and holds as those do (standing_ads).
known AS (
  SELECT
    * EXCEPT (first_seen_at, failed_at, failed_stage, failed_reason, is_lost, lost_at, lost_stage),
    COALESCE(first_seen_at, IF(is_lost, lost_at, failed_at)) AS first_seen_at,
    IF(is_lost, lost_stage, failed_stage) AS failed_stage,
    IF(is_lost, 'gave_up', failed_reason) AS failed_reason
  FROM (
    SELECT
      ad,
      kept.creative,
      kept.first_seen_at,
      kept.failed_at,
      kept.failed_stage,
      kept.failed_reason,
      lost_ads.occurred_at AS lost_at,
      lost_ads.stage AS lost_stage,
      COALESCE(
        lost_ads.stage IS NOT NULL
        AND (kept.sighted_at IS NULL OR (lost_ads.alone AND lost_ads.occurred_at > kept.sighted_at))
        AND (
          kept.failed_at IS NULL
          OR IF(
            lost_ads.alone = COALESCE(kept.failed_alone, FALSE), lost_ads.occurred_at > kept.failed_at, lost_ads.alone
          )
        ),
        FALSE
      ) AS is_lost
    FROM standing_ads AS kept
    FULL JOIN lost_ads USING (ad)
  )
),

-- `n` raw ads may have one id and URL.
each_ad AS (
  SELECT
    known.creative,
    COALESCE(raw.n, 1) AS n,
    known.first_seen_at,
    IF(known.failed_stage IS NULL AND raw.is_malformed, 'import_ads', known.failed_stage) AS failed_stage,
    IF(known.failed_stage IS NULL AND raw.is_malformed, 'malformed_ad', known.failed_reason) AS reason,
    IF(known.ad IS NULL, 'import_ads', 'fetch') AS waiting_stage
  FROM kept_raw_ads AS raw
  FULL JOIN known ON known.ad = raw.ad
),

used AS (
  SELECT creative, SUM(n) AS n
  FROM each_ad
  WHERE creative IS NOT NULL
  GROUP BY creative
),

ends AS (
  SELECT creative, reached FROM standing_ends -- named once: the local BigQuery works out each view as often as it is named
),

paid AS (
  SELECT creative, COUNT(*) AS answers, SUM(cost_usd) AS spent_usd
  FROM standing_answers
  GROUP BY creative
),

lost_creatives AS (
  SELECT
    FARM_FINGERPRINT(creative_id) AS creative,
    CASE stage
      WHEN 'intake' THEN 1 WHEN 'render' THEN 1 WHEN 'hash' THEN 2 WHEN 'probe' THEN 2 WHEN 'dedup' THEN 3 WHEN 'extract' THEN 4
    END AS step,
    occurred_at,
    stage
  FROM lost
  WHERE creative_id IS NOT NULL AND stage != 'fetch'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative ORDER BY step DESC, occurred_at DESC, stage) = 1
),

-- Each with the failure that came furthest, of those that are kept and those that were given up.
furthest AS (
  SELECT
    * EXCEPT (failed_step, failed_at, failed_stage, failed_reason, is_lost, lost_step, lost_at, lost_stage),
    IF(is_lost, lost_step, failed_step) AS failed_step,
    IF(is_lost, lost_at, failed_at) AS failed_at,
    IF(is_lost, lost_stage, failed_stage) AS failed_stage,
    IF(is_lost, 'gave_up', failed_reason) AS failed_reason
  FROM (
    SELECT
      creative,
      kept.* EXCEPT (creative),
      lost.step AS lost_step,
      lost.occurred_at AS lost_at,
      lost.stage AS lost_stage,
      COALESCE(
        lost.step > kept.failed_step OR (lost.step = kept.failed_step AND lost.occurred_at > kept.failed_at),
        lost.step IS NOT NULL
      ) AS is_lost
    FROM standing_creatives AS kept
    FULL JOIN lost_creatives AS lost USING (creative)
  )
),

alone AS (
  SELECT
    creative,
    IF(known.decided_at IS NULL, creative, COALESCE(ends.reached, creative)) AS canonical,
    COALESCE(used.n, 0) AS n,
    COALESCE(paid.answers, 0) AS answers,
    paid.spent_usd,
    known.cost_usd,
    known.decided_at,
    known.failed_stage,
    known.failed_reason,
    IF(known.asked_at IS NULL OR known.asked_at <= known.waited_at, known.wait_reason, NULL) AS wait_reason,
    CASE
      WHEN known.analysed_at IS NOT NULL THEN 'analysed'
      WHEN COALESCE(
        (known.failed_step <= 3 AND known.decided_at >= known.failed_at)
        OR (known.failed_step <= 2 AND known.fingerprinted_at >= known.failed_at)
        OR (known.failed_step <= 1 AND known.taken_in_at >= known.failed_at),
        known.failed_step IS NULL
      ) THEN 'pending'
      ELSE 'failed'
    END AS state,
    CASE
      WHEN known.decided_at IS NOT NULL THEN 'extract'
      WHEN known.fingerprinted_at IS NOT NULL THEN 'dedup'
      WHEN known.is_video THEN 'probe'
      WHEN known.taken_in_at IS NOT NULL THEN 'hash'
      ELSE 'intake'
    END AS next_stage
  FROM used
  FULL JOIN furthest AS known USING (creative)
  LEFT JOIN ends USING (creative)
  LEFT JOIN paid USING (creative)
  WHERE
    used.creative IS NOT NULL
    OR COALESCE(known.taken_in_at, known.fingerprinted_at, known.decided_at, known.analysed_at, known.failed_at)
      IS NOT NULL
),

creatives AS (
  SELECT
    own.creative,
    own.canonical,
    own.answers,
    own.decided_at,
    original.cost_usd,
    CASE
      WHEN original.state IS NULL THEN 'pending'
      WHEN original.state = 'analysed' AND original.creative != own.creative THEN 'duplicate'
      ELSE original.state
    END AS status,
    CASE original.state WHEN 'failed' THEN original.failed_reason WHEN 'pending' THEN original.wait_reason END AS reason,
    IF(original.state = 'failed', original.failed_stage, NULL) AS failed_stage,
    CASE WHEN original.state IS NULL THEN 'extract' WHEN original.state = 'pending' THEN original.next_stage END
      AS waiting_stage
  FROM alone AS own
  LEFT JOIN alone AS original ON original.creative = own.canonical
),

-- What each ad bears of what was spent on all that show the same.
shares AS (
  SELECT canonical, CAST(SUM(spent_usd) / NULLIF(SUM(n), 0) AS NUMERIC) AS usd
  FROM alone
  GROUP BY canonical
),

placed AS (
  SELECT
    each_ad.creative,
    each_ad.n,
    each_ad.first_seen_at,
    shares.usd AS share_usd,
    CASE
      WHEN creatives.status != 'pending' THEN creatives.status
      ELSE IF(each_ad.failed_stage IS NULL, 'pending', 'failed')
    END AS state,
    CASE
      WHEN creatives.status != 'pending' THEN creatives.failed_stage
      WHEN each_ad.failed_stage IS NOT NULL THEN each_ad.failed_stage
      ELSE COALESCE(creatives.waiting_stage, each_ad.waiting_stage)
    END AS stage,
    IF(creatives.status != 'pending', creatives.reason, COALESCE(each_ad.reason, creatives.reason)) AS reason
  FROM each_ad
  LEFT JOIN creatives ON creatives.creative = each_ad.creative
  LEFT JOIN shares ON shares.canonical = creatives.canonical
),

by_creative AS (
  SELECT
    creative, state, stage, reason, SUM(n) AS n, MIN(first_seen_at) AS oldest_at, MIN(share_usd) AS share_usd
  FROM placed
  GROUP BY creative, state, stage, reason
),

-- Of the ads that use one analysed creative a single one is `analysed`.
counted AS (
  SELECT
    part.status,
    stage,
    reason,
    SUM(part.n) AS ads,
    COUNT(DISTINCT creative) AS creatives,
    MIN(IF(state IN ('pending', 'failed'), oldest_at, NULL)) AS oldest_at,
    SUM(part.n * share_usd) AS cost_usd
  FROM by_creative
  CROSS JOIN
    UNNEST(
      IF(
        state = 'analysed' AND n > 1,
        [STRUCT('analysed' AS status, 1 AS n), STRUCT('duplicate' AS status, n - 1 AS n)],
        [STRUCT(state AS status, n AS n)]
      )
    ) AS part
  GROUP BY part.status, stage, reason
),

counts AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        status AS status,
        stage AS stage,
        reason AS reason,
        ads AS ads,
        creatives AS creatives,
        oldest_at AS oldest_at,
        cost_usd AS cost_usd
      )
      ORDER BY status, stage, reason
    ) AS counts
  FROM counted
),

spent AS (
  SELECT
    SUM(IF(DATE(paid_at) = @today, cost_usd, NULL)) AS today_usd,
    SUM(cost_usd) AS total_usd,
    COUNT(*) AS answers,
    COUNTIF(cost_usd IS NULL) AS unpriced
  FROM standing_answers
),

saved AS (
  SELECT
    SUM(IF(DATE(decided_at) = @today, cost_usd, NULL)) AS saved_today_usd,
    SUM(cost_usd) AS saved_usd,
    COUNT(*) AS duplicates
  FROM creatives
  WHERE status = 'duplicate' AND answers = 0
)

SELECT counts.counts, spent.*, saved.*, (SELECT COUNT(*) FROM ends WHERE reached IS NULL) AS circles
FROM counts
CROSS JOIN spent
CROSS JOIN saved
