-- What decoding told of a creative; of one that is not decoded yet, what its first bytes told. One row per creative_id.
-- `taken_in_at` and `fingerprinted_at` say when it last passed intake, and hash or probe.
WITH taken_in AS (
  SELECT creative_id, 'image' AS kind, uri, content_type, bytes, batch_id, event_id, occurred_at
  FROM `${project}.${dataset}.images`
  UNION ALL
  SELECT creative_id, 'video' AS kind, uri, content_type, bytes, batch_id, event_id, occurred_at
  FROM `${project}.${dataset}.videos`
),

newest_taken_in AS (
  SELECT *
  FROM taken_in
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, uri) = 1
),

newest_fingerprint AS (
  SELECT *
  FROM `${project}.${dataset}.fingerprints`
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, uri) = 1
)

SELECT
  creative_id,
  COALESCE(fingerprint.kind, taken_in.kind) AS kind,
  COALESCE(fingerprint.uri, taken_in.uri) AS uri,
  COALESCE(fingerprint.content_type, taken_in.content_type) AS content_type,
  COALESCE(fingerprint.bytes, taken_in.bytes) AS bytes,
  COALESCE(fingerprint.batch_id, taken_in.batch_id) AS batch_id,
  fingerprint.width,
  fingerprint.height,
  fingerprint.aspect_ratio,
  fingerprint.ad_format,
  fingerprint.duration_s,
  fingerprint.fps,
  fingerprint.codec,
  fingerprint.has_audio,
  fingerprint.frame_count,
  fingerprint.loops,
  fingerprint.near_blank,
  fingerprint.thumbnail_uri,
  taken_in.occurred_at AS taken_in_at,
  fingerprint.occurred_at AS fingerprinted_at
FROM newest_taken_in AS taken_in
FULL JOIN newest_fingerprint AS fingerprint USING (creative_id)
