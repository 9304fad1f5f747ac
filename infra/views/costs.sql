-- Tokens and money, by the day they were spent. One row per day, model, kind, mode, extractor and batch.
-- Duplicates stand on the day of their decision, under the model that would have been asked for them.
-- `unpriced` answers are those whose model has no known price: they are in no sum of money.
WITH creatives AS (
  -- Named once: the local BigQuery works out a view as often as it is named.
  SELECT * FROM `${project}.${dataset}.creatives`
),

answers AS (
  SELECT
    answers.* EXCEPT (kind, batch_id),
    COALESCE(answers.kind, creatives.kind) AS kind,
    COALESCE(answers.batch_id, creatives.batch_id) AS batch_id
  FROM `${project}.${dataset}.paid_answers` AS answers
  LEFT JOIN creatives USING (creative_id)
),

paid AS (
  SELECT
    DATE(occurred_at) AS day,
    extractor,
    model,
    mode,
    kind,
    batch_id,
    COUNT(*) AS answers,
    COUNTIF(NOT useful) AS useless_answers,
    COUNTIF(cost_usd IS NULL) AS unpriced,
    SUM(input_tokens) AS input_tokens,
    SUM(cached_tokens) AS cached_tokens,
    SUM(thinking_tokens) AS thinking_tokens,
    SUM(output_tokens) AS output_tokens,
    SUM(cost_usd) AS cost_usd,
    0 AS duplicates,
    CAST(NULL AS NUMERIC) AS saved_usd
  FROM answers
  GROUP BY day, extractor, model, mode, kind, batch_id
),

saved AS (
  SELECT
    DATE(decided_at) AS day,
    extractor,
    model,
    mode,
    kind,
    batch_id,
    0 AS answers,
    0 AS useless_answers,
    0 AS unpriced,
    CAST(NULL AS INT64) AS input_tokens,
    CAST(NULL AS INT64) AS cached_tokens,
    CAST(NULL AS INT64) AS thinking_tokens,
    CAST(NULL AS INT64) AS output_tokens,
    CAST(NULL AS NUMERIC) AS cost_usd,
    COUNT(*) AS duplicates,
    SUM(cost_usd) AS saved_usd
  FROM creatives
  WHERE status = 'duplicate' AND answers = 0
  GROUP BY day, extractor, model, mode, kind, batch_id
),

both_of_them AS (
  SELECT * FROM paid
  UNION ALL
  SELECT * FROM saved
)

SELECT
  day,
  extractor,
  model,
  mode,
  kind,
  batch_id,
  SUM(answers) AS answers,
  SUM(useless_answers) AS useless_answers,
  SUM(unpriced) AS unpriced,
  SUM(input_tokens) AS input_tokens,
  SUM(cached_tokens) AS cached_tokens,
  SUM(thinking_tokens) AS thinking_tokens,
  SUM(output_tokens) AS output_tokens,
  SUM(cost_usd) AS cost_usd,
  SUM(duplicates) AS duplicates,
  SUM(saved_usd) AS saved_usd
FROM both_of_them
GROUP BY day, extractor, model, mode, kind, batch_id
