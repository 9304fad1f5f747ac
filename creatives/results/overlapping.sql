-- How many rows of results tell in less detail what others tell, and of how many ads: three of these by their ids. One row.
WITH overlapping AS (
  SELECT ad_id
  FROM current_results
  WHERE overlaps
)

SELECT
  COUNT(*) AS n_rows,
  COUNT(DISTINCT ad_id) AS ads,
  ARRAY(SELECT DISTINCT ad_id FROM overlapping ORDER BY ad_id LIMIT 3) AS ad_ids
FROM overlapping
