-- What the canonical creatives show, of those that have features.
SELECT
  features.creative_id,
  features.feature_model,
  prints.kind,
  prints.ad_format,
  features.features
FROM current_features AS features
LEFT JOIN (
  SELECT creative_id, MIN(kind) AS kind, MIN(ad_format) AS ad_format
  FROM fingerprints
  GROUP BY creative_id
) AS prints USING (creative_id)
