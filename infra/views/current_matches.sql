-- What a creative is to the others: dedup's decision, people's corrections over it, chains followed to their end.
-- One row per creative_id.
--
-- A decision that was revised because a better copy came holds over the first, the newest of them. Where decisions of
-- dedup differ otherwise (instances raced), the one that made the creative canonical holds, then the earliest: the same
-- rule as dedup's own. Of corrections the newest holds; `reset` leaves dedup's decision.
--
-- A creative points to its canonical, and a canonical to its family. Both chains are followed to the creative that
-- points nowhere, whatever the order in which they came to be. Corrections can even point in a circle: then the
-- smallest id in it is the end. Chains of up to 64 steps and circles of up to 32 creatives are resolved.
WITH RECURSIVE decisions AS (
  SELECT *
  FROM `${project}.${dataset}.matches`
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY creative_id
      ORDER BY
        IF(method = 'override', 1, 0),
        IF(revised_for IS NULL, NULL, occurred_at) DESC,
        IF(match = 'duplicate', 1, 0),
        occurred_at,
        event_id,
        canonical_id
    ) = 1
),

rulings AS (
  SELECT creative_id, action, canonical_id, author, note, occurred_at
  FROM `${project}.${dataset}.overrides`
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id, action, canonical_id) = 1
),

corrected AS (
  SELECT
    decisions.*,
    rulings.action,
    rulings.author,
    rulings.note,
    rulings.occurred_at AS overridden_at,
    CASE rulings.action
      WHEN 'merge' THEN rulings.canonical_id
      WHEN 'split' THEN decisions.creative_id
      ELSE decisions.canonical_id
    END AS parent_id
  FROM decisions
  LEFT JOIN rulings
    ON rulings.creative_id = decisions.creative_id AND rulings.action != 'reset'
),

links AS (
  SELECT 'canonical' AS chain, creative_id, parent_id
  FROM corrected
  WHERE parent_id != creative_id
  UNION ALL
  SELECT 'family' AS chain, creative_id, IF(parent_id != creative_id, parent_id, family_id) AS parent_id
  FROM corrected
  WHERE parent_id != creative_id OR family_id != creative_id
),

walk AS (
  SELECT chain, creative_id, parent_id AS reached_id, 1 AS steps
  FROM links
  UNION ALL
  SELECT walk.chain, walk.creative_id, links.parent_id, walk.steps + 1
  FROM walk
  INNER JOIN links
    ON links.chain = walk.chain AND links.creative_id = walk.reached_id
  WHERE walk.steps < 64
),

ends AS (
  SELECT
    walk.chain,
    walk.creative_id,
    COALESCE(
      MAX(IF(onward.creative_id IS NULL, walk.reached_id, NULL)),
      MIN(IF(walk.steps > 32, walk.reached_id, NULL))
    ) AS end_id
  FROM walk
  LEFT JOIN links AS onward
    ON onward.chain = walk.chain AND onward.creative_id = walk.reached_id
  GROUP BY walk.chain, walk.creative_id
),

resolved AS (
  SELECT
    corrected.*,
    COALESCE(canonical.end_id, corrected.creative_id) AS canonical_end_id,
    COALESCE(family.end_id, corrected.creative_id) AS family_end_id
  FROM corrected
  LEFT JOIN ends AS canonical
    ON canonical.creative_id = corrected.creative_id AND canonical.chain = 'canonical'
  LEFT JOIN ends AS family
    ON family.creative_id = corrected.creative_id AND family.chain = 'family'
)

SELECT
  creative_id,
  kind,
  CASE
    WHEN canonical_end_id != creative_id THEN 'duplicate'
    WHEN family_end_id != creative_id THEN 'variant'
    ELSE 'new'
  END AS match,
  canonical_end_id AS canonical_id,
  family_end_id AS family_id,
  matched_id,
  distance,
  score,
  at_s,
  until_s,
  method,
  method_version,
  match AS decided_match,
  canonical_id AS decided_canonical_id,
  action AS override,
  author AS override_author,
  note AS override_note,
  overridden_at,
  occurred_at AS decided_at
FROM resolved
