-- The creatives that a person may look at, the least sure first: those with a quotation that nobody had a word on, or of
-- which nobody said anything, before those where only what quotes nothing is left.
-- @most INT64 (how many at most)
SELECT
  creative_id,
  IF(duration_s IS NULL, kind, 'video') AS kind,  -- what moves has what videos have
  uri,
  features,
  evidence,
  confidence,
  corrections
FROM creatives
WHERE status = 'analysed'
ORDER BY
  EXISTS (SELECT 1 FROM UNNEST(corrections))
  AND NOT EXISTS (
    SELECT 1
    FROM UNNEST(evidence) AS quoted
    WHERE SPLIT(quoted.field, '.')[OFFSET(0)] NOT IN (SELECT said.field FROM UNNEST(corrections) AS said)
  ),
  COALESCE(confidence, 1),
  (SELECT COUNT(*) FROM UNNEST(evidence) AS quoted WHERE quoted.verified = 'not_found') DESC,
  (SELECT MIN(quoted.score) FROM UNNEST(evidence) AS quoted),
  creative_id
LIMIT @most
