-- What some creatives are to others now, people's words included, and which creatives are copies of them.
-- @ids ARRAY<STRING>
SELECT
  asked.creative_id,
  asked.kind,
  asked.canonical_id,
  asked.override,
  asked.override_author,
  asked.overridden_at,
  ARRAY_AGG(copy.creative_id IGNORE NULLS ORDER BY copy.creative_id) AS copies
FROM current_matches AS asked
LEFT JOIN current_matches AS copy
  ON copy.canonical_id = asked.creative_id AND copy.creative_id != asked.creative_id
WHERE asked.creative_id IN UNNEST(@ids)
GROUP BY
  asked.creative_id,
  asked.kind,
  asked.canonical_id,
  asked.override,
  asked.override_author,
  asked.overridden_at
