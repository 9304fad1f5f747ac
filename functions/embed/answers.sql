-- What the creatives with these ids are, and what they show by their newest answers. One row per creative.
-- The time of these answers tells in which partitions they are: no others are read.
-- @ids ARRAY<STRING>, @since TIMESTAMP, @until TIMESTAMP (of the first and the last of the answers)
SELECT creative_id, event_id, occurred_at, kind, uri, content_type, duration_s, batch_id, features
FROM features AS answer -- or `features` would be its whole row
WHERE occurred_at BETWEEN @since AND @until AND creative_id IN UNNEST(@ids)
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id
    ORDER BY occurred_at DESC, feature_model, feature_version, prompt_version, extractor, model, event_id
  ) = 1
