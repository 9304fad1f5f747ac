-- Of how many ads some lists have results, and of how many of them nothing else is known: three of these by their ids. One
-- row.
-- @runs ARRAY<STRING> (what the events' ids of these lists begin with)
WITH told AS (
  SELECT got.ad_id, known.ad_id IS NULL AS is_unknown
  FROM (
    SELECT DISTINCT ad_id
    FROM results
    WHERE REGEXP_EXTRACT(event_id, r'^(.*)-') IN UNNEST(@runs)
  ) AS got
  LEFT JOIN (SELECT DISTINCT ad_id FROM ads_enriched) AS known USING (ad_id)
)

SELECT
  COUNT(*) AS ads_with_results,
  COUNTIF(is_unknown) AS ads,
  ARRAY(SELECT ad_id FROM told WHERE is_unknown ORDER BY ad_id LIMIT 3) AS ad_ids
FROM told
