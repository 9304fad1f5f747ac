-- The pictures that look like one of some by their hashes, the nearest first: how many of 64 bits differ. Of a copy its
-- canonical.
-- @dhashes ARRAY<INT64>, @hash_version STRING, @bits INT64 (how many may differ), @most INT64 (how many at most)
WITH hashed AS (
  SELECT creative_id, BIT_COUNT(dhash ^ asked) AS bits
  FROM fingerprints
  CROSS JOIN UNNEST(@dhashes) AS asked
  WHERE dhash IS NOT NULL AND hash_version = @hash_version
)

SELECT matches.canonical_id AS creative_id, MIN(hashed.bits) AS bits
FROM hashed
INNER JOIN current_matches AS matches ON matches.creative_id = hashed.creative_id
WHERE hashed.bits <= @bits
GROUP BY matches.canonical_id
ORDER BY bits, matches.canonical_id
LIMIT @most
