-- Those of some creatives that have been compared with others, and what may be said of them: of a picture that moves what
-- may be of a video.
-- @ids ARRAY<STRING>
SELECT creative_id, IF(moving.creative_id IS NULL, kind, 'video') AS kind
FROM current_matches
LEFT JOIN (
  SELECT DISTINCT creative_id
  FROM fingerprints
  WHERE creative_id IN UNNEST(@ids) AND duration_s IS NOT NULL
) AS moving USING (creative_id)
WHERE creative_id IN UNNEST(@ids)
