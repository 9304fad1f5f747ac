-- How far everything is.
SELECT *
FROM pipeline_status
