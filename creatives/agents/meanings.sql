-- The creatives that say something, and what holds of them now, by when it was said: what was made of anything else is
-- made anew.
SELECT
  creative_id,
  CONCAT(
    CAST(COALESCE(UNIX_MICROS(analysed_at), 0) AS STRING),
    (
      SELECT CONCAT(' ', CAST(COUNT(*) AS STRING), ' ', CAST(COALESCE(UNIX_MICROS(MAX(word.corrected_at)), 0) AS STRING))
      FROM UNNEST(corrections) AS word
    )
  ) AS version
FROM creatives
WHERE status = 'analysed'
ORDER BY creative_id
