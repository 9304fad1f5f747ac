-- The creatives that a person should look at, the least sure first: those with a quotation that nobody had a word on,
-- or, where nothing is quoted, with no word at all.
-- @most INT64 (how many at most)
SELECT
  creative_id,
  kind,
  uri,
  features,
  evidence,
  confidence,
  corrections
FROM creatives
WHERE
  status = 'analysed'
  AND IF(
    EXISTS (SELECT 1 FROM UNNEST(evidence) AS quoted WHERE STRPOS(quoted.field, '.') = 0),
    EXISTS (
      SELECT 1
      FROM UNNEST(evidence) AS quoted
      WHERE
        STRPOS(quoted.field, '.') = 0
        AND quoted.field NOT IN (SELECT said.field FROM UNNEST(corrections) AS said)
    ),
    COALESCE(ARRAY_LENGTH(corrections), 0) = 0
  )
ORDER BY
  COALESCE(confidence, 1),
  (SELECT COUNT(*) FROM UNNEST(evidence) AS quoted WHERE quoted.verified = 'not_found') DESC,
  (SELECT MIN(quoted.score) FROM UNNEST(evidence) AS quoted),
  creative_id
LIMIT @most
