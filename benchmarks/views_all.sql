-- Every ad, with a wide column and a sum.
SELECT COUNT(*) AS ads, COUNTIF(features.text IS NULL) AS without_text, SUM(cost_share_usd) AS usd
FROM ads_enriched
