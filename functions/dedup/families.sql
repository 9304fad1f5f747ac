-- Where these creatives stand now, who lead families or did: each points to the one that leads its family.
-- @creative_ids ARRAY<STRING>
SELECT creative_id, kind, dhash, aspect, frames, duration_s, hash_version, family_id, pixels_sha, area, canonical_id,
  difference
FROM canonicals
WHERE creative_id IN UNNEST(@creative_ids)
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id ORDER BY occurred_at DESC, family_id, canonical_id, area, difference, aspect, duration_s, dhash
  ) = 1
