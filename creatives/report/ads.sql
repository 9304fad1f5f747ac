-- The ads that use some creatives, the earliest of each.
-- @creative_ids ARRAY<STRING>, @ads_each INT64 (how many of each creative at most)
SELECT creative_id, ad_id, source, origin, first_seen_at
FROM current_sightings
WHERE creative_id IN UNNEST(@creative_ids)
QUALIFY ROW_NUMBER() OVER (PARTITION BY creative_id ORDER BY first_seen_at, ad_id, source) <= @ads_each
ORDER BY creative_id, first_seen_at, ad_id, source
