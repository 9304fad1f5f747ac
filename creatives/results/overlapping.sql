-- How many rows of the ads of some lists tell in less detail what others tell, and of how many ads: three of these by their
-- ids. One row.
-- @runs ARRAY<STRING> (what the events' ids of these lists begin with)
WITH overlapping AS (
  SELECT ad_id
  FROM current_results
  WHERE
    overlaps
    AND ad_id IN (SELECT ad_id FROM results WHERE REGEXP_EXTRACT(event_id, r'^(.*)-') IN UNNEST(@runs))
)

SELECT
  COUNT(*) AS n_rows,
  COUNT(DISTINCT ad_id) AS ads,
  ARRAY(SELECT DISTINCT ad_id FROM overlapping ORDER BY ad_id LIMIT 3) AS ad_ids
FROM overlapping
