-- Which creatives wear out, as it was measured last: the worn first.
SELECT * EXCEPT (event_id, occurred_at)
FROM current_fatigue
ORDER BY
  CASE state WHEN 'worn' THEN 1 WHEN 'wearing' THEN 2 WHEN 'fresh' THEN 3 ELSE 4 END,
  exposure DESC,
  canonical_id,
  metric
