-- What is known of the creatives with these ids: the files that are one with each other, and what they show.
-- @ids ARRAY<STRING>
SELECT
  creative_id, status, reason, detail, kind, content_type, bytes, width, height, ad_format, duration_s, match,
  canonical_id, family_id, extractor, model, analysed_at, tags, notes, cost_usd, features
FROM creatives
WHERE creative_id IN UNNEST(@ids)
