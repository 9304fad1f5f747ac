-- What goes with better results, as it was measured last.
SELECT feature, value, metric, currency, n_with, n_without, equal_with, equal_without, mean_with, mean_without,
  effect AS lift, low, high, verdict, reason
FROM current_lifts
ORDER BY metric, feature, value, currency
