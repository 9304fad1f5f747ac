-- The canonical videos and animations that show something near every anchor frame of a waiting one, at about the same
-- length.
-- Anchors preselect: which offset fits, and how well the whole sequences agree, is searched among the few that are left.
-- @waiting holds one row per anchor frame; @anchors says how many a video has.
-- @waiting ARRAY<STRUCT<creative_id STRING, position INT64, dhash INT64, aspect FLOAT64, duration_s FLOAT64>>,
-- @radius FLOAT64, @anchors INT64, @duration_tolerance_s FLOAT64, @hash_version STRING, @aspect_tolerance FLOAT64,
-- @most INT64
SELECT
  near.creative_id,
  near.known_id,
  c.aspect,
  c.frames,
  c.duration_s,
  c.family_id,
  c.area,
  c.canonical_id,
  c.difference
FROM (
  SELECT creative_id, known_id, SUM(distance) AS total_distance
  FROM (
    SELECT w.creative_id, w.position, c.creative_id AS known_id, MIN(BIT_COUNT(frame ^ w.dhash)) AS distance
    FROM canonicals AS c
    CROSS JOIN UNNEST(c.frames) AS frame
    CROSS JOIN UNNEST(@waiting) AS w
    WHERE c.duration_s IS NOT NULL
      AND c.hash_version = @hash_version
      AND ABS(c.duration_s - w.duration_s) <= @duration_tolerance_s
      AND ABS(LN(c.aspect / w.aspect)) <= @aspect_tolerance
    GROUP BY w.creative_id, w.position, known_id
  )
  GROUP BY creative_id, known_id
  HAVING total_distance <= @radius * @anchors
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY total_distance, known_id) <= @most
) AS near
JOIN canonicals AS c ON c.creative_id = near.known_id
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY near.creative_id, near.known_id ORDER BY c.occurred_at DESC) = 1
