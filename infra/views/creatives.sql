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
    MIN(uri) OVER (PARTITION BY creative_id) AS uri, -- by itself: who does not ask for it is not billed for it
    COUNT(*) OVER (PARTITION BY creative_id) AS n_ads,
    ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY IF(batch_id IS NULL, 1, 0), first_seen_at, batch_id) AS place
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

-- The answers that hold, each with what became of looking for its quotations.
answers AS (
  SELECT features.*, evidence.evidence, evidence.confidence
  FROM `${project}.${dataset}.current_features` AS features
  LEFT JOIN `${project}.${dataset}.current_evidence` AS evidence
    ON evidence.creative_id = features.creative_id
    AND evidence.feature_model = features.feature_model
    AND evidence.feature_version = features.feature_version
    AND evidence.prompt_version = features.prompt_version
    AND evidence.extractor = features.extractor
    AND evidence.model = features.model
    AND evidence.answered_at = features.occurred_at
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
    matches.override_author,
    matches.override_note,
    matches.overridden_at,
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
    features.evidence,
    features.confidence,
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
  FULL JOIN answers AS features USING (creative_id)
  FULL JOIN furthest_failure AS failed USING (creative_id)
),

states AS (
  SELECT
    *,
    CASE WHEN analysed_at IS NOT NULL THEN 'analysed' WHEN unhindered THEN 'pending' ELSE 'failed' END AS state
  FROM alone
),

-- A word is about what a creative shows: it holds for all that show the same, the newest of them all.
words AS (
  SELECT
    COALESCE(alone.canonical_id, said.creative_id) AS canonical_id,
    said.*,
    -- null: what the model says
    IF(said.action = 'confirm' AND said.value IS NULL, NULL, COALESCE(said.value, '')) AS word
  FROM `${project}.${dataset}.current_corrections` AS said
  LEFT JOIN alone USING (creative_id)
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(alone.canonical_id, said.creative_id), said.field
      ORDER BY said.occurred_at DESC, said.event_id, said.action, said.value, said.creative_id, said.author, said.note
    ) = 1
),

-- The words of each canonical, and a column for each field: empty where the word is that it cannot be told.
corrected AS (
  SELECT
    canonical_id,
-- <words>
    MAX(IF(field = 'product_type', word, NULL)) AS `said_product_type`,
    MAX(IF(field = 'product_category', word, NULL)) AS `said_product_category`,
    MAX(IF(field = 'brand', word, NULL)) AS `said_brand`,
    MAX(IF(field = 'brand_logos', word, NULL)) AS `said_brand_logos`,
    MAX(IF(field = 'has_text', word, NULL)) AS `said_has_text`,
    MAX(IF(field = 'text', word, NULL)) AS `said_text`,
    MAX(IF(field = 'language', word, NULL)) AS `said_language`,
    MAX(IF(field = 'has_promotion', word, NULL)) AS `said_has_promotion`,
    MAX(IF(field = 'promotion_text', word, NULL)) AS `said_promotion_text`,
    MAX(IF(field = 'discount_percent', word, NULL)) AS `said_discount_percent`,
    MAX(IF(field = 'price', word, NULL)) AS `said_price`,
    MAX(IF(field = 'price_text', word, NULL)) AS `said_price_text`,
    MAX(IF(field = 'currency', word, NULL)) AS `said_currency`,
    MAX(IF(field = 'has_call_to_action', word, NULL)) AS `said_has_call_to_action`,
    MAX(IF(field = 'call_to_action', word, NULL)) AS `said_call_to_action`,
    MAX(IF(field = 'car_brand', word, NULL)) AS `said_car_brand`,
    MAX(IF(field = 'car_model', word, NULL)) AS `said_car_model`,
    MAX(IF(field = 'has_people', word, NULL)) AS `said_has_people`,
    MAX(IF(field = 'people_count', word, NULL)) AS `said_people_count`,
    MAX(IF(field = 'style', word, NULL)) AS `said_style`,
    MAX(IF(field = 'dominant_colors', word, NULL)) AS `said_dominant_colors`,
    MAX(IF(field = 'setting', word, NULL)) AS `said_setting`,
    MAX(IF(field = 'mood', word, NULL)) AS `said_mood`,
    MAX(IF(field = 'summary', word, NULL)) AS `said_summary`,
    MAX(IF(field = 'hook', word, NULL)) AS `said_hook`,
    MAX(IF(field = 'scenes', word, NULL)) AS `said_scenes`,
    MAX(IF(field = 'first_brand_s', word, NULL)) AS `said_first_brand_s`,
    MAX(IF(field = 'promotion_s', word, NULL)) AS `said_promotion_s`,
    MAX(IF(field = 'price_s', word, NULL)) AS `said_price_s`,
    MAX(IF(field = 'call_to_action_s', word, NULL)) AS `said_call_to_action_s`,
    MAX(IF(field = 'end_card', word, NULL)) AS `said_end_card`,
    MAX(IF(field = 'has_voice_over', word, NULL)) AS `said_has_voice_over`,
    MAX(IF(field = 'has_music', word, NULL)) AS `said_has_music`,
    MAX(IF(field = 'subtitles', word, NULL)) AS `said_subtitles`,
    MAX(IF(field = 'transcript', word, NULL)) AS `said_transcript`,
    MAX(IF(field = 'pace', word, NULL)) AS `said_pace`,
-- </words>
    ARRAY_AGG(
      STRUCT(
        field AS field,
        action AS action,
        value AS value,
        creative_id AS creative_id,
        author AS author,
        note AS note,
        occurred_at AS corrected_at
      )
      ORDER BY field
    ) AS corrections
  FROM words
  WHERE action != 'reset'
  GROUP BY canonical_id
),

-- A tag or note is about what a creative shows, too: of those on all that show the same, the newest word holds.
labels AS (
  SELECT COALESCE(alone.canonical_id, said.creative_id) AS canonical_id, said.*
  FROM `${project}.${dataset}.current_labels` AS said
  LEFT JOIN alone USING (creative_id)
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(alone.canonical_id, said.creative_id), said.kind, said.text
      ORDER BY said.occurred_at DESC, said.event_id, said.action, said.creative_id, said.author
    ) = 1
),

labelled AS (
  SELECT
    canonical_id,
    ARRAY_AGG(IF(kind = 'tag', text, NULL) IGNORE NULLS ORDER BY text) AS tags,
    ARRAY_AGG(
      IF(kind = 'note', STRUCT(text AS text, author AS author, occurred_at AS noted_at), NULL) IGNORE NULLS
      ORDER BY occurred_at, text
    ) AS notes
  FROM labels
  WHERE action = 'add'
  GROUP BY canonical_id
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
  own.override_author,
  own.override_note,
  own.overridden_at,
  own.decided_at,
  IF(
    corrected.canonical_id IS NULL,
    original.features,
    STRUCT(
-- <shown>
      IF(corrected.`said_product_type` IS NULL, original.features.`product_type`, NULLIF(corrected.`said_product_type`, '')) AS `product_type`,
      IF(corrected.`said_product_category` IS NULL, original.features.`product_category`, NULLIF(corrected.`said_product_category`, '')) AS `product_category`,
      IF(corrected.`said_brand` IS NULL, original.features.`brand`, NULLIF(corrected.`said_brand`, '')) AS `brand`,
      IF(corrected.`said_brand_logos` IS NULL, original.features.`brand_logos`, ARRAY(SELECT AS STRUCT JSON_VALUE(part, '$.brand') AS `brand`, JSON_VALUE(part, '$.position') AS `position` FROM UNNEST(JSON_QUERY_ARRAY(NULLIF(corrected.`said_brand_logos`, ''), '$')) AS part WITH OFFSET AS place ORDER BY place)) AS `brand_logos`,
      IF(corrected.`said_has_text` IS NULL, original.features.`has_text`, NULLIF(corrected.`said_has_text`, '') = 'true') AS `has_text`,
      IF(corrected.`said_text` IS NULL, original.features.`text`, NULLIF(corrected.`said_text`, '')) AS `text`,
      IF(corrected.`said_language` IS NULL, original.features.`language`, NULLIF(corrected.`said_language`, '')) AS `language`,
      IF(corrected.`said_has_promotion` IS NULL, original.features.`has_promotion`, NULLIF(corrected.`said_has_promotion`, '') = 'true') AS `has_promotion`,
      IF(corrected.`said_promotion_text` IS NULL, original.features.`promotion_text`, NULLIF(corrected.`said_promotion_text`, '')) AS `promotion_text`,
      IF(corrected.`said_discount_percent` IS NULL, original.features.`discount_percent`, SAFE_CAST(NULLIF(corrected.`said_discount_percent`, '') AS FLOAT64)) AS `discount_percent`,
      IF(corrected.`said_price` IS NULL, original.features.`price`, SAFE_CAST(NULLIF(corrected.`said_price`, '') AS FLOAT64)) AS `price`,
      IF(corrected.`said_price_text` IS NULL, original.features.`price_text`, NULLIF(corrected.`said_price_text`, '')) AS `price_text`,
      IF(corrected.`said_currency` IS NULL, original.features.`currency`, NULLIF(corrected.`said_currency`, '')) AS `currency`,
      IF(corrected.`said_has_call_to_action` IS NULL, original.features.`has_call_to_action`, NULLIF(corrected.`said_has_call_to_action`, '') = 'true') AS `has_call_to_action`,
      IF(corrected.`said_call_to_action` IS NULL, original.features.`call_to_action`, NULLIF(corrected.`said_call_to_action`, '')) AS `call_to_action`,
      IF(corrected.`said_car_brand` IS NULL, original.features.`car_brand`, NULLIF(corrected.`said_car_brand`, '')) AS `car_brand`,
      IF(corrected.`said_car_model` IS NULL, original.features.`car_model`, NULLIF(corrected.`said_car_model`, '')) AS `car_model`,
      IF(corrected.`said_has_people` IS NULL, original.features.`has_people`, NULLIF(corrected.`said_has_people`, '') = 'true') AS `has_people`,
      IF(corrected.`said_people_count` IS NULL, original.features.`people_count`, SAFE_CAST(NULLIF(corrected.`said_people_count`, '') AS INT64)) AS `people_count`,
      IF(corrected.`said_style` IS NULL, original.features.`style`, NULLIF(corrected.`said_style`, '')) AS `style`,
      IF(corrected.`said_dominant_colors` IS NULL, original.features.`dominant_colors`, JSON_VALUE_ARRAY(NULLIF(corrected.`said_dominant_colors`, ''), '$')) AS `dominant_colors`,
      IF(corrected.`said_setting` IS NULL, original.features.`setting`, NULLIF(corrected.`said_setting`, '')) AS `setting`,
      IF(corrected.`said_mood` IS NULL, original.features.`mood`, NULLIF(corrected.`said_mood`, '')) AS `mood`,
      IF(corrected.`said_summary` IS NULL, original.features.`summary`, NULLIF(corrected.`said_summary`, '')) AS `summary`,
      IF(corrected.`said_hook` IS NULL, original.features.`hook`, IF(corrected.`said_hook` = '', NULL, STRUCT(JSON_VALUE(corrected.`said_hook`, '$.text') AS `text`, JSON_VALUE(corrected.`said_hook`, '$.description') AS `description`))) AS `hook`,
      IF(corrected.`said_scenes` IS NULL, original.features.`scenes`, ARRAY(SELECT AS STRUCT SAFE_CAST(JSON_VALUE(part, '$.start_s') AS FLOAT64) AS `start_s`, SAFE_CAST(JSON_VALUE(part, '$.end_s') AS FLOAT64) AS `end_s`, JSON_VALUE(part, '$.text') AS `text`, JSON_VALUE(part, '$.description') AS `description` FROM UNNEST(JSON_QUERY_ARRAY(NULLIF(corrected.`said_scenes`, ''), '$')) AS part WITH OFFSET AS place ORDER BY place)) AS `scenes`,
      IF(corrected.`said_first_brand_s` IS NULL, original.features.`first_brand_s`, SAFE_CAST(NULLIF(corrected.`said_first_brand_s`, '') AS FLOAT64)) AS `first_brand_s`,
      IF(corrected.`said_promotion_s` IS NULL, original.features.`promotion_s`, SAFE_CAST(NULLIF(corrected.`said_promotion_s`, '') AS FLOAT64)) AS `promotion_s`,
      IF(corrected.`said_price_s` IS NULL, original.features.`price_s`, SAFE_CAST(NULLIF(corrected.`said_price_s`, '') AS FLOAT64)) AS `price_s`,
      IF(corrected.`said_call_to_action_s` IS NULL, original.features.`call_to_action_s`, SAFE_CAST(NULLIF(corrected.`said_call_to_action_s`, '') AS FLOAT64)) AS `call_to_action_s`,
      IF(corrected.`said_end_card` IS NULL, original.features.`end_card`, IF(corrected.`said_end_card` = '', NULL, STRUCT(SAFE_CAST(JSON_VALUE(corrected.`said_end_card`, '$.start_s') AS FLOAT64) AS `start_s`, JSON_VALUE(corrected.`said_end_card`, '$.text') AS `text`))) AS `end_card`,
      IF(corrected.`said_has_voice_over` IS NULL, original.features.`has_voice_over`, NULLIF(corrected.`said_has_voice_over`, '') = 'true') AS `has_voice_over`,
      IF(corrected.`said_has_music` IS NULL, original.features.`has_music`, NULLIF(corrected.`said_has_music`, '') = 'true') AS `has_music`,
      IF(corrected.`said_subtitles` IS NULL, original.features.`subtitles`, NULLIF(corrected.`said_subtitles`, '') = 'true') AS `subtitles`,
      IF(corrected.`said_transcript` IS NULL, original.features.`transcript`, NULLIF(corrected.`said_transcript`, '')) AS `transcript`,
      IF(corrected.`said_pace` IS NULL, original.features.`pace`, NULLIF(corrected.`said_pace`, '')) AS `pace`
-- </shown>
    )
  ) AS features,
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
  original.evidence,
  original.confidence,
  corrected.corrections,
  IF(corrected.canonical_id IS NULL, NULL, original.features) AS model_features,
  labelled.tags,
  labelled.notes,
  COALESCE(paid.answers, 0) AS answers,
  paid.spent_usd,
  SUM(paid.spent_usd) OVER (PARTITION BY COALESCE(own.canonical_id, own.creative_id)) AS group_spent_usd
FROM states AS own
LEFT JOIN states AS original ON original.creative_id = COALESCE(own.canonical_id, own.creative_id)
LEFT JOIN `${project}.${dataset}.current_waits` AS waits ON waits.creative_id = original.creative_id
LEFT JOIN corrected ON corrected.canonical_id = original.creative_id
LEFT JOIN labelled ON labelled.canonical_id = COALESCE(own.canonical_id, own.creative_id)
LEFT JOIN paid ON paid.creative_id = own.creative_id
