-- How many ads there are of each status.
SELECT status, SUM(ads) AS ads
FROM pipeline_status
GROUP BY status
ORDER BY status
