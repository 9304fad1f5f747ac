-- How many rows there are since a time of each table that `settle` follows.
-- @since TIMESTAMP
SELECT
  (SELECT COUNT(*) FROM ads WHERE occurred_at >= @since) AS ads,
  (SELECT COUNT(*) FROM sightings WHERE occurred_at >= @since) AS sightings,
  (SELECT COUNT(*) FROM images WHERE occurred_at >= @since) AS images,
  (SELECT COUNT(*) FROM fingerprints WHERE occurred_at >= @since) AS fingerprints,
  (SELECT COUNT(*) FROM matches WHERE occurred_at >= @since) AS matches,
  (SELECT COUNT(*) FROM extractions WHERE occurred_at >= @since) AS extractions,
  (SELECT COUNT(*) FROM features WHERE occurred_at >= @since) AS features
