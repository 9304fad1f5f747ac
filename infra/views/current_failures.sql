-- What could not be done, and why: rejected by a stage, or given up after the last attempt (reason `gave_up`).
-- The newest per (stage, ad_id, source, creative_id). Whether it still holds is for the views that read this to say,
-- by what was achieved since.
--
-- Items of a batch that have no ad_id share a key without being the same ad: they are told apart by event_id. One with an
-- id and no URL is that ad however often it is sent.
WITH failed AS (
  SELECT event_id, stage, reason, detail, ad_id, source, batch_id, creative_id, uri, occurred_at
  FROM `${project}.${dataset}.failures`
  UNION ALL
  SELECT event_id, stage, 'gave_up', detail, ad_id, source, batch_id, creative_id, CAST(NULL AS STRING), occurred_at
  FROM `${project}.${dataset}.given_up`
  WHERE stage IS NOT NULL
)

SELECT *
FROM failed
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY
      stage, ad_id, source, creative_id,
      IF(creative_id IS NULL AND ad_id IS NULL, event_id, NULL)
    ORDER BY occurred_at DESC, IF(reason = 'gave_up', 1, 0), reason, event_id, detail, batch_id DESC, uri DESC
  ) = 1
