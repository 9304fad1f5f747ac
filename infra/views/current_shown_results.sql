-- What ads got, with what they show. One row per row of `current_results`: every one of them, whatever is known of its ad.
--
-- A row has a canonical where its ad shows one creative only, or where it was reported for one of the ad's creatives. An
-- ad with several creatives has its set instead: what it got is nobody's alone. `creatives` counts the canonicals that an
-- ad shows: none where its creative is not known (yet), or failed.
WITH shown AS (
  SELECT DISTINCT
    sightings.ad_id,
    sightings.source,
    COALESCE(matches.canonical_id, sightings.creative_id) AS canonical_id,
    COALESCE(matches.family_id, sightings.creative_id) AS family_id
  FROM `${project}.${dataset}.current_sightings` AS sightings
  LEFT JOIN `${project}.${dataset}.current_matches` AS matches USING (creative_id)
),

canonical_sets AS (
  SELECT ad_id, STRING_AGG(canonical_id, ' ' ORDER BY canonical_id) AS creative_set, COUNT(*) AS n_creatives
  FROM (SELECT DISTINCT ad_id, canonical_id FROM shown)
  GROUP BY ad_id
),

family_sets AS (
  SELECT ad_id, STRING_AGG(family_id, ' ' ORDER BY family_id) AS family_set, COUNT(*) AS n_families
  FROM (SELECT DISTINCT ad_id, family_id FROM shown)
  GROUP BY ad_id
)

SELECT
  results.*,
  COALESCE(assets.canonical_id, IF(canonicals.n_creatives = 1, canonicals.creative_set, NULL)) AS canonical_id,
  COALESCE(assets.canonical_id, canonicals.creative_set) AS creative_set,
  COALESCE(IF(assets.canonical_id IS NULL, canonicals.n_creatives, 1), 0) AS n_creatives,
  COALESCE(assets.family_id, IF(families.n_families = 1, families.family_set, NULL)) AS family_id,
  COALESCE(assets.family_id, families.family_set) AS family_set,
  COALESCE(IF(assets.family_id IS NULL, families.n_families, 1), 0) AS n_families
FROM `${project}.${dataset}.current_results` AS results
LEFT JOIN canonical_sets AS canonicals USING (ad_id)
LEFT JOIN family_sets AS families USING (ad_id)
LEFT JOIN shown AS assets ON assets.ad_id = results.ad_id AND assets.source = results.asset
