-- The ads that show these creatives or a copy of them, the oldest first.
-- @ids ARRAY<STRING>, @most INT64 (how many at most)
SELECT ad_id, source, status, creative_id, first_seen_at, COUNT(*) OVER () AS n_ads
FROM ads_enriched
WHERE creative_id IN UNNEST(@ids) OR canonical_id IN UNNEST(@ids)
ORDER BY first_seen_at, ad_id, source
LIMIT @most
