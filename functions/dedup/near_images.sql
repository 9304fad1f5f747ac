-- The canonical images whose hash and proportions are near those of any waiting image: one scan for all of them.
-- @waiting holds up to a hundred rows, so that each row scanned costs a hundred XORs and nothing is joined by key.
-- @waiting ARRAY<STRUCT<creative_id STRING, dhash INT64, aspect FLOAT64>>, @radius INT64, @hash_version STRING,
-- @aspect_tolerance FLOAT64, @most INT64
SELECT
  w.creative_id,
  c.creative_id AS known_id,
  c.dhash,
  c.aspect,
  c.family_id,
  BIT_COUNT(c.dhash ^ w.dhash) AS distance
FROM UNNEST(@waiting) AS w
CROSS JOIN canonicals AS c
WHERE c.kind = 'image'
  AND c.hash_version = @hash_version
  AND BIT_COUNT(c.dhash ^ w.dhash) <= @radius
  AND ABS(LN(c.aspect / w.aspect)) <= @aspect_tolerance
QUALIFY ROW_NUMBER() OVER (PARTITION BY w.creative_id ORDER BY distance, known_id) <= @most
