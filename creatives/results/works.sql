-- What goes with better results, as it was measured last: what is certain first.
SELECT * EXCEPT (event_id, occurred_at)
FROM current_lifts
ORDER BY IF(verdict = 'no claim', 1, 0), metric, currency, ABS(effect) DESC, feature, value
