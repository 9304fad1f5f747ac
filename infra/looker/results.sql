-- For Looker Studio: what each creative got over all its ads, by day, campaign and network, with what it shows. Flat, since
-- Looker Studio multiplies rows by the elements of a repeated column. Ads that show several creatives are left out: what they
-- got is no single creative's; so is what another report tells in more detail. A ratio needs both its numbers of the same
-- rows: `clicks_of_impressions` and `impressions_of_clicks` are sums over the rows that report both, and so on.
WITH got AS (
  SELECT
    canonical_id,
    day,
    campaign,
    network,
    currency,
    COUNT(DISTINCT ad_id) AS n_ads,
    SUM(impressions) AS impressions,
    SUM(clicks) AS clicks,
    SUM(spend) AS spend,
    SUM(conversions) AS conversions,
    SUM(conversion_value) AS conversion_value,
    SUM(video_views) AS video_views,
    SUM(IF(impressions IS NULL, NULL, clicks)) AS clicks_of_impressions,
    SUM(IF(clicks IS NULL, NULL, impressions)) AS impressions_of_clicks,
    SUM(IF(clicks IS NULL, NULL, spend)) AS spend_of_clicks,
    SUM(IF(spend IS NULL, NULL, clicks)) AS clicks_of_spend,
    SUM(IF(clicks IS NULL, NULL, conversions)) AS conversions_of_clicks,
    SUM(IF(conversions IS NULL, NULL, clicks)) AS clicks_of_conversions
  FROM `${project}.${dataset}.current_shown_results`
  WHERE canonical_id IS NOT NULL AND NOT overlaps
  GROUP BY canonical_id, day, campaign, network, currency
)

SELECT
  got.*,
  creatives.family_id,
  creatives.kind,
  creatives.ad_format,
  creatives.uri,
  creatives.features.product_category,
  creatives.features.brand,
  creatives.features.style,
  creatives.features.has_promotion,
  creatives.features.promotion_text,
  creatives.features.discount_percent,
  creatives.features.call_to_action,
  creatives.features.text,
  creatives.confidence
FROM got
LEFT JOIN `${project}.${dataset}.creatives` AS creatives
  ON creatives.creative_id = got.canonical_id
