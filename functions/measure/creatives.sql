-- What the canonical creatives show, of those that have features, and what people said instead: as the view `creatives`
-- chooses it.
WITH words AS (
  SELECT COALESCE(matches.canonical_id, said.creative_id) AS canonical_id, said.*
  FROM current_corrections AS said
  LEFT JOIN current_matches AS matches USING (creative_id)
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(matches.canonical_id, said.creative_id), said.field
      ORDER BY said.occurred_at DESC, said.event_id, said.action, said.value, said.creative_id, said.author, said.note
    ) = 1
),

corrected AS (
  SELECT canonical_id AS creative_id, ARRAY_AGG(STRUCT(field AS field, value AS value) ORDER BY field) AS corrections
  FROM words
  WHERE action = 'correct' OR (action = 'confirm' AND value IS NOT NULL)
  GROUP BY canonical_id
)

SELECT
  features.creative_id,
  features.feature_model,
  prints.kind,
  prints.ad_format,
  features.features,
  corrected.corrections
FROM current_features AS features
LEFT JOIN corrected USING (creative_id)
LEFT JOIN (
  SELECT creative_id, MIN(kind) AS kind, MIN(ad_format) AS ad_format
  FROM fingerprints
  GROUP BY creative_id
) AS prints USING (creative_id)
