-- What became of looking for what each answer quotes in the creative itself, by the newest look. One row per answer.
-- An answer is one by (creative_id, feature_model, feature_version, prompt_version, extractor, model, answered_at).
SELECT
  creative_id,
  feature_model,
  feature_version,
  prompt_version,
  extractor,
  model,
  answered_at,
  evidence,
  confidence,
  reason,
  occurred_at
FROM `${project}.${dataset}.verifications`
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id, feature_model, feature_version, prompt_version, extractor, model, answered_at
    ORDER BY occurred_at DESC, event_id, confidence DESC
  ) = 1
