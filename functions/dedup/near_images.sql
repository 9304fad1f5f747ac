-- The images whose hash and proportions are near those of any waiting image, or that show its pixels: one scan for all.
-- @waiting holds up to a hundred rows, so that each row scanned costs a hundred XORs and nothing is joined by key.
-- @waiting ARRAY<STRUCT<creative_id STRING, dhash INT64, aspect FLOAT64, pixels_sha STRING>>, @radius INT64,
-- @hash_version STRING, @aspect_tolerance FLOAT64, @most INT64
-- Of a creative the newest row holds: a better copy may have taken its place. Of two of one moment it is always the same
-- one, by columns that are read anyway, for bytes are what is paid here.
SELECT creative_id, known_id, dhash, aspect, family_id, pixels_sha, area, canonical_id, difference, distance
FROM (
  SELECT
    w.creative_id,
    c.creative_id AS known_id,
    c.dhash,
    c.aspect,
    c.family_id,
    c.pixels_sha,
    c.area,
    c.canonical_id,
    c.difference,
    COALESCE(BIT_COUNT(c.dhash ^ w.dhash), 0) AS distance
  FROM UNNEST(@waiting) AS w
  CROSS JOIN canonicals AS c
  WHERE c.kind = 'image'
    AND c.hash_version = @hash_version
    AND (
      (BIT_COUNT(c.dhash ^ w.dhash) <= @radius AND ABS(LN(c.aspect / w.aspect)) <= @aspect_tolerance)
      OR c.pixels_sha = w.pixels_sha
    )
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY w.creative_id, c.creative_id
      ORDER BY c.occurred_at DESC, c.family_id, c.canonical_id, c.area, c.difference, c.aspect, c.dhash, c.pixels_sha
    ) = 1
)
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY distance, known_id) <= @most
