-- Where the chain of each copy ends, people's corrections included, of what `settle` has kept. One row per copy.
-- The same as in current_matches, by fingerprints; null where corrections point in a circle, whose end is told by ids,
-- which are not kept.
WITH RECURSIVE rulings AS (
  SELECT FARM_FINGERPRINT(creative_id) AS creative, action, FARM_FINGERPRINT(canonical_id) AS canonical
  FROM `${project}.${dataset}.overrides`
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, action, canonical_id) = 1
),

links AS (
  SELECT creative, parent
  FROM (
    SELECT
      known.creative,
      CASE rulings.action
        WHEN 'merge' THEN rulings.canonical
        WHEN 'split' THEN known.creative
        ELSE COALESCE(known.canonical, known.creative)
      END AS parent
    FROM `${project}.${dataset}.standing_creatives` AS known
    LEFT JOIN rulings ON rulings.creative = known.creative AND rulings.action != 'reset'
    WHERE known.decided_at IS NOT NULL
  )
  WHERE parent != creative
),

walk AS (
  SELECT creative, parent AS reached, 1 AS steps
  FROM links
  UNION ALL
  SELECT walk.creative, links.parent, walk.steps + 1
  FROM walk
  INNER JOIN links ON links.creative = walk.reached
  WHERE walk.steps < 64
)

SELECT walk.creative, MAX(IF(onward.creative IS NULL, walk.reached, NULL)) AS reached
FROM walk
LEFT JOIN links AS onward ON onward.creative = walk.reached
GROUP BY walk.creative
