-- What an earlier run has found to be worn: whoever is to be told was told then.
SELECT DISTINCT canonical_id, metric
FROM fatigue
WHERE state = 'worn'
