-- Takes all rows of an ad out of the tables. The dead letters first: the rows tell which they are.
-- @ad_id STRING
DELETE FROM dead_letters WHERE message_id IN (SELECT given_up.message_id FROM given_up WHERE given_up.ad_id = @ad_id);

DELETE FROM ads WHERE ad_id = @ad_id;

DELETE FROM sightings WHERE ad_id = @ad_id;

DELETE FROM results WHERE ad_id = @ad_id;

DELETE FROM failures WHERE ad_id = @ad_id;
