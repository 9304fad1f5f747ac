-- What became of the ads with these addresses, and of those that have none and go by these ids.
-- @sources ARRAY<STRING>
-- @ad_ids ARRAY<STRING>
SELECT *
FROM ads_enriched
WHERE source IN UNNEST(@sources)
  OR (source IS NULL AND ad_id IN UNNEST(@ad_ids))
