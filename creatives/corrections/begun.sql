-- How many creatives people had a word on.
SELECT COUNT(DISTINCT creative_id) AS creatives
FROM current_corrections
