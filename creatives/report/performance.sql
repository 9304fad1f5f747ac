-- The ads that have results of their own and a creative whose features are known: what lift.py compares.
SELECT ad_id, source, canonical_id, kind, ad_format, features, feature_model, raw_ad
FROM ads_enriched
WHERE raw_ad IS NOT NULL AND features IS NOT NULL AND canonical_id IS NOT NULL
