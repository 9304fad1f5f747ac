-- Every answer that was asked for, useful or not: what `costs` adds up. One row per answer, however often published.
-- Vectors are answers, too, of the extractor `embed`; those that nobody was asked for (a file that is gone) are none.
-- Those of one day are in that day's partitions alone. Rows of an earlier version have no batch, or no kind either.
WITH answers AS (
  SELECT
    creative_id, occurred_at, TRUE AS useful, extractor, model, mode, feature_model, feature_version, prompt_version,
    input_tokens, output_tokens, thinking_tokens, cached_tokens, cost_usd, kind, batch_id, event_id
  FROM `${project}.${dataset}.features`
  UNION ALL
  SELECT
    creative_id, occurred_at, FALSE, CAST(NULL AS STRING), model, CAST(NULL AS STRING), CAST(NULL AS STRING),
    CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS INT64), CAST(NULL AS INT64), CAST(NULL AS INT64),
    CAST(NULL AS INT64), cost_usd, kind, batch_id, event_id
  FROM `${project}.${dataset}.failures`
  WHERE answer_uri IS NOT NULL
  UNION ALL
  SELECT
    creative_id, occurred_at, reason IS NULL, 'embed', model, 'standard', CAST(NULL AS STRING),
    CAST(dimensions AS STRING), CAST(NULL AS STRING), input_tokens, IF(input_tokens IS NULL, NULL, 0),
    CAST(NULL AS INT64), CAST(NULL AS INT64), cost_usd, kind, batch_id, event_id
  FROM `${project}.${dataset}.embeddings`
  WHERE answer_uri IS NOT NULL
)

SELECT * EXCEPT (event_id)
FROM answers
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY
      creative_id, occurred_at, useful, extractor, model, mode, feature_model, feature_version, prompt_version
    ORDER BY event_id, IF(batch_id IS NULL, 1, 0), batch_id, IF(kind IS NULL, 1, 0), kind
  ) = 1
