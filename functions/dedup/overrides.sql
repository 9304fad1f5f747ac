-- The newest correction of each creative that people corrected.
SELECT creative_id, action, canonical_id, occurred_at
FROM overrides
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id) = 1
