-- The lifts of the last run. One row per (feature, value, metric, currency).
SELECT * EXCEPT (schema_version)
FROM `${project}.${dataset}.lifts`
WHERE run = (SELECT MAX(run) FROM `${project}.${dataset}.lifts`)
QUALIFY ROW_NUMBER() OVER (PARTITION BY feature, value, metric, currency ORDER BY occurred_at DESC, event_id) = 1
