-- How many messages were given up lately.
-- @since TIMESTAMP
SELECT COUNT(*) AS given_up
FROM dead_letters
WHERE publish_time >= @since
