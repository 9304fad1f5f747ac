-- The films of which frames look like some frames of one by their hashes, those with the most of them first.
-- @frames ARRAY<INT64>, @hash_version STRING, @bits INT64 (how many of 64 may differ), @least INT64 (frames), @most INT64
WITH shown AS (
  SELECT creative_id, frame
  FROM fingerprints
  CROSS JOIN UNNEST(frames) AS frame
  WHERE hash_version = @hash_version
),

near AS (
  SELECT DISTINCT shown.creative_id, asked
  FROM shown
  INNER JOIN UNNEST(@frames) AS asked ON BIT_COUNT(shown.frame ^ asked) <= @bits
),

counted AS (
  SELECT creative_id, COUNT(*) AS n_frames
  FROM near
  GROUP BY creative_id
)

SELECT matches.canonical_id AS creative_id, MAX(counted.n_frames) AS n_frames
FROM counted
INNER JOIN current_matches AS matches ON matches.creative_id = counted.creative_id
WHERE counted.n_frames >= @least
GROUP BY matches.canonical_id
ORDER BY n_frames DESC, matches.canonical_id
LIMIT @most
