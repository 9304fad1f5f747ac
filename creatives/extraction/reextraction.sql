-- The newest request of each creative that is to be extracted again, oldest first.
-- @creative_ids ARRAY<STRING> (empty: any), @kind STRING (null: both), @failed_only BOOL, @outdated_only BOOL and the
-- question it is outdated by: @feature_model STRING, @feature_version STRING, @prompt_version STRING, @extractor STRING,
-- @model STRING
WITH
  requests AS (
    SELECT *
    FROM extractions
    WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY occurred_at DESC, event_id) = 1
  ),
  answered AS (
    SELECT DISTINCT creative_id
    FROM features
    WHERE feature_model = @feature_model
      AND feature_version = @feature_version
      AND prompt_version = @prompt_version
      AND extractor = @extractor
      AND model = @model
  ),
  failed AS (
    SELECT creative_id, MAX(occurred_at) AS failed_at
    FROM failures
    WHERE stage = 'extract' AND creative_id IS NOT NULL
    GROUP BY creative_id
  )
SELECT
  requests.event_id,
  requests.occurred_at,
  requests.creative_id,
  requests.uri,
  requests.content_type,
  requests.bytes,
  requests.batch_id,
  requests.kind,
  requests.width,
  requests.height,
  requests.duration_s
FROM requests
LEFT JOIN answered ON answered.creative_id = requests.creative_id
LEFT JOIN failed ON failed.creative_id = requests.creative_id
LEFT JOIN current_matches AS matches ON matches.creative_id = requests.creative_id
WHERE (matches.canonical_id IS NULL OR matches.canonical_id = requests.creative_id) -- others show their canonical's
  AND (COALESCE(ARRAY_LENGTH(@creative_ids), 0) = 0 OR requests.creative_id IN UNNEST(@creative_ids))
  AND (@kind IS NULL OR requests.kind = @kind)
  AND (NOT @outdated_only OR answered.creative_id IS NULL)
  AND (NOT @failed_only OR (failed.failed_at >= requests.occurred_at AND answered.creative_id IS NULL))
ORDER BY requests.occurred_at, requests.creative_id
