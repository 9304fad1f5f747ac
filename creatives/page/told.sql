-- How many rows tell what changes no ad's status: what people say, what quotations and likes were found, what ads got.
SELECT
  (SELECT COUNT(*) FROM corrections)
  + (SELECT COUNT(*) FROM overrides)
  + (SELECT COUNT(*) FROM labels)
  + (SELECT COUNT(*) FROM verifications)
  + (SELECT COUNT(*) FROM results)
  + (SELECT COUNT(*) FROM lifts)
  + (SELECT COUNT(*) FROM fatigue) AS told
