-- For Looker Studio: what each creative got over all its ads, by day and network, with what it shows. Flat, since Looker
-- Studio multiplies rows by the elements of a repeated column. Ads that show several creatives are left out: what they
-- got is no single creative's.
SELECT
  got.day,
  got.network,
  got.currency,
  got.canonical_id,
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
  creatives.confidence,
  got.n_ads,
  got.impressions,
  got.clicks,
  got.spend,
  got.conversions,
  got.conversion_value,
  got.video_views
FROM `${project}.${dataset}.creative_daily` AS got
LEFT JOIN `${project}.${dataset}.creatives` AS creatives
  ON creatives.creative_id = got.canonical_id
WHERE got.n_creatives = 1
