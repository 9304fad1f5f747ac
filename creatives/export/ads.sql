-- Every ad, and all that is known of it.
SELECT *
FROM ads_enriched
