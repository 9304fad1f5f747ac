-- The creatives with these ids, as `find` lists them. Copies are one with their canonical.
-- @ids ARRAY<STRING>
WITH ads AS (
  SELECT COALESCE(canonical_id, creative_id) AS creative_id, COUNT(*) AS n_ads
  FROM ads_enriched
  WHERE COALESCE(canonical_id, creative_id) IN UNNEST(@ids)
  GROUP BY COALESCE(canonical_id, creative_id)
)

SELECT
  creatives.creative_id,
  creatives.kind,
  creatives.ad_format,
  COALESCE(ads.n_ads, 0) AS n_ads,
  creatives.tags,
  creatives.notes,
  creatives.features
FROM creatives
LEFT JOIN ads USING (creative_id)
WHERE creatives.creative_id IN UNNEST(@ids)
