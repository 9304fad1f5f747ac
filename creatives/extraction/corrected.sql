-- The creatives whose features a person corrected or confirmed: what holds, what the model said, and where their files are.
SELECT
  creative_id,
  kind,
  uri,
  content_type,
  bytes,
  width,
  height,
  duration_s,
  features,
  model_features,
  corrections
FROM creatives
WHERE status = 'analysed' AND ARRAY_LENGTH(corrections) > 0
ORDER BY creative_id
