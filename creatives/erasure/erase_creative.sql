-- Takes all rows of a creative out of the tables, and those of the ads that show it. These first: the sightings tell
-- which they are.
-- @creative_id STRING
DELETE FROM ads WHERE EXISTS (
  SELECT 1
  FROM current_sightings AS shown
  WHERE shown.ad_id = ads.ad_id AND shown.source = ads.source AND shown.creative_id = @creative_id
);

DELETE FROM dead_letters WHERE message_id IN (SELECT lost_messages.message_id FROM lost_messages WHERE lost_messages.creative_id = @creative_id);

DELETE FROM results WHERE ad_id IN (
  SELECT shown.ad_id
  FROM current_sightings AS shown
  GROUP BY shown.ad_id
  HAVING LOGICAL_AND(shown.creative_id = @creative_id) -- an ad that shows others too keeps what it got
);

DELETE FROM sightings WHERE creative_id = @creative_id;

DELETE FROM images WHERE creative_id = @creative_id;

DELETE FROM videos WHERE creative_id = @creative_id;

DELETE FROM banners WHERE creative_id = @creative_id;

DELETE FROM renditions WHERE creative_id = @creative_id;

DELETE FROM fingerprints WHERE creative_id = @creative_id;

DELETE FROM matches WHERE creative_id = @creative_id;

DELETE FROM canonicals WHERE creative_id = @creative_id;

DELETE FROM fatigue WHERE canonical_id = @creative_id;

DELETE FROM overrides WHERE creative_id = @creative_id;

DELETE FROM corrections WHERE creative_id = @creative_id;

DELETE FROM labels WHERE creative_id = @creative_id;

DELETE FROM extractions WHERE creative_id = @creative_id;

DELETE FROM waits WHERE creative_id = @creative_id;

DELETE FROM features WHERE creative_id = @creative_id;

DELETE FROM verifications WHERE creative_id = @creative_id;

DELETE FROM embeddings WHERE creative_id = @creative_id;

DELETE FROM failures WHERE creative_id = @creative_id;
