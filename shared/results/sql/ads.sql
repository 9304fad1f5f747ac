-- How many ads there are results of.
SELECT COUNT(DISTINCT ad_id) FROM results
