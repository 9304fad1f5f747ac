-- What is known of the creatives with these ids: the files that are one with each other, and what they show.
-- A variant is another version of what it was found by, or of what that is a copy of; of its own copies it is none.
-- @ids ARRAY<STRING>
SELECT
  one.creative_id,
  one.status,
  one.reason,
  one.detail,
  one.kind,
  one.content_type,
  one.bytes,
  one.width,
  one.height,
  one.ad_format,
  one.duration_s,
  one.match,
  one.canonical_id,
  one.family_id,
  IF(
    one.match = 'variant', NULLIF(COALESCE(matched.canonical_id, one.matched_id), one.creative_id), NULL
  ) AS version_of,
  one.extractor,
  one.model,
  one.analysed_at,
  one.tags,
  one.notes,
  one.cost_usd,
  one.features
FROM creatives AS one
LEFT JOIN creatives AS matched ON matched.creative_id = one.matched_id
WHERE one.creative_id IN UNNEST(@ids)
