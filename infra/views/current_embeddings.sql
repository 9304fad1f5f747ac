-- What creatives mean, as vectors: the newest of each that stands for itself, or why it has none. Copies are left out.
-- One row per creative_id, model and dimensions: only vectors of one model and length can be compared.
SELECT
  embeddings.creative_id,
  embeddings.kind,
  embeddings.model,
  embeddings.dimensions,
  embeddings.vector,
  embeddings.answered_at,
  embeddings.cost_usd,
  embeddings.reason,
  embeddings.detail,
  embeddings.occurred_at
FROM `${project}.${dataset}.embeddings` AS embeddings
INNER JOIN `${project}.${dataset}.current_matches` AS matches
  ON matches.creative_id = embeddings.creative_id AND matches.canonical_id = embeddings.creative_id
WHERE TRUE
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY embeddings.creative_id, embeddings.model, embeddings.dimensions
    ORDER BY embeddings.answered_at DESC, embeddings.occurred_at DESC, embeddings.event_id
  ) = 1
