-- Tokens and money, by the day they were spent. One row per day, model, kind, mode, extractor and batch.
-- Duplicates stand on the day of their decision, under the model that would have been asked for them.
-- What they saved is in the cloud what `settle` added up last (kept_saved): with each count up to some ten million ads, and
-- once a day beyond. On a machine of your own it is added up as you ask (saved_now).
-- `unpriced` answers are those whose model has no known price: they are in no sum of money.
WITH paid AS (
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
  FROM `${project}.${dataset}.paid_answers`
  GROUP BY day, extractor, model, mode, kind, batch_id
),

saved AS (
  SELECT
    day,
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
    duplicates,
    saved_usd
  FROM `${project}.${dataset}.${saved}`
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
