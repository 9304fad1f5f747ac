-- How many rows there are of a creative, and of the ads that show it, by table.
-- @creative_id STRING
SELECT 'ads' AS table_name, COUNT(*) AS n_rows FROM ads WHERE EXISTS (
  SELECT 1
  FROM current_sightings AS shown
  WHERE shown.ad_id = ads.ad_id AND shown.source = ads.source AND shown.creative_id = @creative_id
)
UNION ALL
SELECT 'dead_letters' AS table_name, COUNT(*) AS n_rows FROM dead_letters WHERE message_id IN (SELECT lost_messages.message_id FROM lost_messages WHERE lost_messages.creative_id = @creative_id)
UNION ALL
SELECT 'results' AS table_name, COUNT(*) AS n_rows FROM results WHERE ad_id IN (
  SELECT shown.ad_id
  FROM current_sightings AS shown
  GROUP BY shown.ad_id
  HAVING LOGICAL_AND(shown.creative_id = @creative_id) -- an ad that shows others too keeps what it got
)
UNION ALL
SELECT 'sightings' AS table_name, COUNT(*) AS n_rows FROM sightings WHERE creative_id = @creative_id
UNION ALL
SELECT 'images' AS table_name, COUNT(*) AS n_rows FROM images WHERE creative_id = @creative_id
UNION ALL
SELECT 'videos' AS table_name, COUNT(*) AS n_rows FROM videos WHERE creative_id = @creative_id
UNION ALL
SELECT 'banners' AS table_name, COUNT(*) AS n_rows FROM banners WHERE creative_id = @creative_id
UNION ALL
SELECT 'renditions' AS table_name, COUNT(*) AS n_rows FROM renditions WHERE creative_id = @creative_id
UNION ALL
SELECT 'fingerprints' AS table_name, COUNT(*) AS n_rows FROM fingerprints WHERE creative_id = @creative_id
UNION ALL
SELECT 'matches' AS table_name, COUNT(*) AS n_rows FROM matches WHERE creative_id = @creative_id
UNION ALL
SELECT 'canonicals' AS table_name, COUNT(*) AS n_rows FROM canonicals WHERE creative_id = @creative_id
UNION ALL
SELECT 'fatigue' AS table_name, COUNT(*) AS n_rows FROM fatigue WHERE canonical_id = @creative_id
UNION ALL
SELECT 'overrides' AS table_name, COUNT(*) AS n_rows FROM overrides WHERE creative_id = @creative_id
UNION ALL
SELECT 'corrections' AS table_name, COUNT(*) AS n_rows FROM corrections WHERE creative_id = @creative_id
UNION ALL
SELECT 'labels' AS table_name, COUNT(*) AS n_rows FROM labels WHERE creative_id = @creative_id
UNION ALL
SELECT 'extractions' AS table_name, COUNT(*) AS n_rows FROM extractions WHERE creative_id = @creative_id
UNION ALL
SELECT 'waits' AS table_name, COUNT(*) AS n_rows FROM waits WHERE creative_id = @creative_id
UNION ALL
SELECT 'features' AS table_name, COUNT(*) AS n_rows FROM features WHERE creative_id = @creative_id
UNION ALL
SELECT 'verifications' AS table_name, COUNT(*) AS n_rows FROM verifications WHERE creative_id = @creative_id
UNION ALL
SELECT 'embeddings' AS table_name, COUNT(*) AS n_rows FROM embeddings WHERE creative_id = @creative_id
UNION ALL
SELECT 'failures' AS table_name, COUNT(*) AS n_rows FROM failures WHERE creative_id = @creative_id
