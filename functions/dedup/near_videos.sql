-- The videos and animations that a waiting one may be a copy, a part or the whole of: all anchor frames of the shorter
-- of the two are found, anywhere, in the longer one.
-- Anchors preselect: where one lies in the other, and how well they agree, is searched among the few that are left.
-- @anchors says how many a video has, evenly over its length (see gate.py).
-- @waiting ARRAY<STRUCT<creative_id STRING, frames STRING, aspect FLOAT64>>: its frames with commas between them,
-- @radius FLOAT64, @anchors INT64, @hash_version STRING, @aspect_tolerance FLOAT64, @most INT64
WITH waiting AS (
  SELECT
    w.creative_id,
    w.aspect,
    ARRAY(
      SELECT CAST(bits AS INT64) FROM UNNEST(SPLIT(w.frames, ',')) AS bits WITH OFFSET AS position ORDER BY position
    ) AS frames
  FROM UNNEST(@waiting) AS w
),

pairs AS (
  SELECT
    w.creative_id,
    c.creative_id AS known_id,
    IF(ARRAY_LENGTH(c.frames) < ARRAY_LENGTH(w.frames), c.frames, w.frames) AS shorter,
    IF(ARRAY_LENGTH(c.frames) < ARRAY_LENGTH(w.frames), w.frames, c.frames) AS longer
  FROM canonicals AS c
  CROSS JOIN waiting AS w
  WHERE c.duration_s IS NOT NULL
    AND ARRAY_LENGTH(c.frames) > 0
    AND c.hash_version = @hash_version
    AND ABS(LN(c.aspect / w.aspect)) <= @aspect_tolerance
),

anchored AS (
  SELECT
    creative_id,
    known_id,
    longer,
    position,
    shorter[SAFE_OFFSET(CAST(FLOOR((position + 0.5) * ARRAY_LENGTH(shorter) / @anchors) AS INT64))] AS anchor
  FROM pairs
  CROSS JOIN UNNEST(GENERATE_ARRAY(0, @anchors - 1)) AS position
),

near AS (
  SELECT creative_id, known_id, SUM(distance) AS total_distance
  FROM (
    SELECT creative_id, known_id, position, MIN(BIT_COUNT(frame ^ anchor)) AS distance
    FROM anchored
    CROSS JOIN UNNEST(longer) AS frame
    GROUP BY creative_id, known_id, position
  )
  GROUP BY creative_id, known_id
  HAVING total_distance <= @radius * @anchors
  QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY total_distance, known_id) <= @most
)

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
FROM near
JOIN canonicals AS c ON c.creative_id = near.known_id
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY near.creative_id, near.known_id
    ORDER BY c.occurred_at DESC, c.family_id, c.canonical_id, c.area, c.difference, c.aspect, c.duration_s
  ) = 1
