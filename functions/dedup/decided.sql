-- What was decided before about these creatives, people's corrections aside.
-- What was decided anew, because a better copy came, holds over what was before. Where instances disagreed, a decision
-- that made the creative canonical holds: it has an extraction, others may use it.
-- Decisions of one creative, copies that came together aside, are of one time: where it stands since says which partitions
-- to look into.
-- @creative_ids ARRAY<STRING>, @earliest TIMESTAMP, @latest TIMESTAMP
SELECT
  creative_id, match, canonical_id, family_id, matched_id, distance, score, at_s, until_s, method, method_version, occurred_at,
  revised_for
FROM matches
WHERE creative_id IN UNNEST(@creative_ids)
  AND occurred_at BETWEEN @earliest AND @latest
  AND method != 'override'
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id
    ORDER BY
      IF(revised_for IS NULL, NULL, occurred_at) DESC,
      IF(match = 'duplicate', 1, 0),
      occurred_at,
      event_id
  ) = 1
