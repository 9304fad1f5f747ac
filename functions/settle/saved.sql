-- What duplicates saved, as in saved_now, of what is kept of each creative instead of all rows.
WITH copies AS (
  SELECT
    DATE(own.decided_at) AS day,
    original.extractor,
    original.model,
    original.mode,
    COALESCE(own.kind, IF(own.taken_in_at IS NULL, NULL, IF(own.is_video, 'video', 'image'))) AS kind,
    COALESCE(own.batch_id, own.taken_in_batch) AS batch_id,
    original.cost_usd
  FROM standing_ends AS ends
  INNER JOIN standing_creatives AS own ON own.creative = ends.creative
  INNER JOIN standing_creatives AS original ON original.creative = ends.reached
  LEFT JOIN (SELECT DISTINCT creative FROM standing_answers) AS paid ON paid.creative = own.creative
  WHERE original.analysed_at IS NOT NULL AND paid.creative IS NULL
)

SELECT day, extractor, model, mode, kind, batch_id, COUNT(*) AS duplicates, SUM(cost_usd) AS saved_usd
FROM copies
GROUP BY day, extractor, model, mode, kind, batch_id
