-- A hundred ads by their URLs: what `creatives analyze` asks.
SELECT *
FROM ads_enriched
WHERE source IN UNNEST(
  ARRAY(SELECT CONCAT('https://x.example/', CAST(n AS STRING)) FROM UNNEST(GENERATE_ARRAY(1, 100)) AS n)
)
