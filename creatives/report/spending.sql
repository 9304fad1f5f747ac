-- Tokens and money by day, model and kind, oldest day first.
SELECT
  day,
  COALESCE(model, 'none') AS model,
  COALESCE(kind, 'unknown') AS kind,
  SUM(answers) AS answers,
  SUM(useless_answers) AS useless_answers,
  SUM(unpriced) AS unpriced,
  SUM(input_tokens) AS input_tokens,
  SUM(output_tokens) AS output_tokens,
  SUM(cost_usd) AS cost_usd,
  SUM(duplicates) AS duplicates,
  SUM(saved_usd) AS saved_usd
FROM costs
GROUP BY day, model, kind
ORDER BY day, model, kind
