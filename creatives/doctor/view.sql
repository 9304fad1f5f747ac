-- Whether a view is there and its columns still exist: no row of it is asked for.
SELECT *
FROM `${view}`
LIMIT 0
