-- The newest fingerprint of a creative that a person corrected: what its extraction and its row to compare with take.
-- @creative_id STRING
SELECT
  creative_id,
  occurred_at,
  uri,
  content_type,
  bytes,
  batch_id,
  kind,
  width,
  height,
  aspect_ratio,
  picture_aspect,
  duration_s,
  near_blank,
  dhash,
  frames,
  hash_version,
  pixels_sha,
  detail_scale,
  lost
FROM fingerprints
WHERE creative_id = @creative_id
ORDER BY occurred_at DESC, event_id
LIMIT 1
