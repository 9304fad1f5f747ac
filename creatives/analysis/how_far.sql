-- Of the ads with these addresses those that are settled, and whether they failed: as far as a progress bar tells it.
-- From what the stages wrote, without the views, which know what holds of it and take ten times as long: where something
-- failed and went on later, it is settled, as it is where an earlier match led to an answer.
-- @sources STRING: an array in JSON
WITH asked AS (
  SELECT DISTINCT source FROM UNNEST(JSON_VALUE_ARRAY(@sources, '$')) AS source
),

used AS (
  SELECT DISTINCT source, sightings.creative_id
  FROM asked
  INNER JOIN sightings USING (source)
),

shown AS (
  SELECT DISTINCT used.source
  FROM used
  INNER JOIN matches ON matches.creative_id = used.creative_id
  INNER JOIN features ON features.creative_id = matches.canonical_id
),

failed AS (
  SELECT source
  FROM asked
  INNER JOIN failures USING (source)
  UNION DISTINCT
  SELECT used.source
  FROM used
  INNER JOIN failures ON failures.creative_id = used.creative_id
)

SELECT source, shown.source IS NULL AS failed
FROM shown
FULL JOIN failed USING (source)
