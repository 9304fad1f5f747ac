-- What a creative shows, by its newest extraction; the table keeps the earlier ones. One row per creative_id.
--
-- The table has a name of its own here: by its own, `features` would be its whole row.
SELECT
  creative_id,
  features,
  extractor,
  model,
  feature_model,
  feature_version,
  prompt_version,
  mode,
  answer_uri,
  input_tokens,
  text_tokens,
  image_tokens,
  video_tokens,
  audio_tokens,
  cached_tokens,
  thinking_tokens,
  output_tokens,
  cost_usd,
  price_date,
  occurred_at
FROM `${project}.${dataset}.features` AS answer
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id
    ORDER BY occurred_at DESC, feature_model, feature_version, prompt_version, extractor, model, event_id
  ) = 1
