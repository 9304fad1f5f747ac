-- The fatigue of the last run. One row per (canonical_id, metric).
SELECT * EXCEPT (schema_version)
FROM `${project}.${dataset}.fatigue`
WHERE run = (SELECT MAX(run) FROM `${project}.${dataset}.fatigue`)
QUALIFY ROW_NUMBER() OVER (PARTITION BY canonical_id, metric ORDER BY occurred_at DESC, event_id) = 1
