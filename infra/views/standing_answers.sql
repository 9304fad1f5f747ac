-- Each answer that was asked for, of what `settle` has kept. One row per creative, time and kind of answer.
SELECT creative, paid_at, answer, MAX(cost_usd) AS cost_usd
FROM `${project}.${dataset}.kept_answers`
GROUP BY creative, paid_at, answer
