-- For Looker Studio: every ad, what became of it, and its share of what the analysis cost.
SELECT
  ad_id,
  status,
  reason,
  failed_stage,
  waiting_stage,
  origin,
  batch_id,
  DATE(first_seen_at) AS first_seen_on,
  kind,
  ad_format,
  match,
  canonical_id,
  extractor,
  model,
  cost_share_usd
FROM `${project}.${dataset}.ads_enriched`
