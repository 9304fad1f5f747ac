-- All results, as they came.
SELECT row FROM results ORDER BY rowid
