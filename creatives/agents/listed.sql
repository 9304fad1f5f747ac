-- The creatives with these ids, as `find` lists them. Copies are one with their canonical.
-- @ids ARRAY<STRING>
WITH ads AS (
  SELECT
    COALESCE(canonical_id, creative_id) AS creative_id,
    ad_id,
    source,
    COUNT(*) OVER (PARTITION BY COALESCE(canonical_id, creative_id)) AS n_ads
  FROM ads_enriched
  WHERE COALESCE(canonical_id, creative_id) IN UNNEST(@ids)
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY COALESCE(canonical_id, creative_id)
      ORDER BY IF(canonical_id = creative_id, 0, 1), LENGTH(ad_id), ad_id, source
    ) = 1
)

SELECT
  creatives.creative_id,
  creatives.kind,
  creatives.ad_format,
  COALESCE(ads.n_ads, 0) AS n_ads,
  ads.ad_id,
  ads.source,
  creatives.uri,
  creatives.tags,
  creatives.notes,
  creatives.features
FROM creatives
LEFT JOIN ads USING (creative_id)
WHERE creatives.creative_id IN UNNEST(@ids)
