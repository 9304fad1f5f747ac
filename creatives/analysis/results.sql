-- What became of the ads with these addresses.
-- @sources ARRAY<STRING>
SELECT *
FROM ads_enriched
WHERE source IN UNNEST(@sources)
