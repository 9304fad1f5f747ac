-- How many ads are of a time when there was no `link`.
SELECT COUNT(*) AS ads
FROM ads
WHERE link IS NULL
