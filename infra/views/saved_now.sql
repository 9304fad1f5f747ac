-- What duplicates saved, at this moment, by reading all of them. One row per day, model, kind, mode, extractor and batch.
-- They stand on the day of their decision, under the model that would have been asked for them.
WITH copies AS (
  SELECT
    DATE(known.decided_at) AS day,
    known.extractor,
    known.model,
    known.mode,
    media.kind,
    media.batch_id,
    known.cost_usd
  FROM `${project}.${dataset}.creatives` AS known
  LEFT JOIN `${project}.${dataset}.current_media` AS media ON media.creative_id = known.creative_id
  WHERE known.status = 'duplicate' AND known.answers = 0
)

SELECT day, extractor, model, mode, kind, batch_id, COUNT(*) AS duplicates, SUM(cost_usd) AS saved_usd
FROM copies
GROUP BY day, extractor, model, mode, kind, batch_id
