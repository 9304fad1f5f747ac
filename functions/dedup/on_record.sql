-- Creatives without a row in `canonicals` that are on record all the same: decided before duplicates had rows, or named as
-- the canonical of others while their own decision was lost. Packed as in standing.sql.
-- @since TIMESTAMP (partitions of days before it are not read), @digits INT64 (of an id, by which creatives are packed
-- together)
WITH named AS (
  SELECT creative_id, TRUE AS is_decided
  FROM matches
  WHERE method IN ('hash', 'pixels', 'content')
    AND (occurred_at >= @since OR occurred_at IS NULL)
  UNION ALL
  SELECT canonical_id, FALSE
  FROM matches
  WHERE canonical_id != creative_id
    AND (occurred_at >= @since OR occurred_at IS NULL)
),

known AS (
  SELECT DISTINCT creative_id
  FROM canonicals
  WHERE occurred_at >= @since OR occurred_at IS NULL
),

on_record AS (
  SELECT named.creative_id, LOGICAL_OR(named.is_decided) AS is_decided, LOGICAL_OR(NOT named.is_decided) AS is_canonical
  FROM named
  LEFT JOIN known USING (creative_id)
  WHERE known.creative_id IS NULL AND REGEXP_CONTAINS(named.creative_id, r'^[0-9a-f]{40}$')
  GROUP BY named.creative_id
)

SELECT is_decided, is_canonical, STRING_AGG(creative_id, '' ORDER BY creative_id) AS creative_ids
FROM on_record
GROUP BY is_decided, is_canonical, SUBSTR(creative_id, 1, @digits)
