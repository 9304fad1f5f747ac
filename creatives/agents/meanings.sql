-- The creatives that say something, and which answer of theirs holds now: what was made of another one is made anew.
SELECT creative_id, FARM_FINGERPRINT(TO_JSON_STRING(features)) AS version
FROM creatives
WHERE status = 'analysed'
ORDER BY creative_id
