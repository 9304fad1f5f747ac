-- Which of people's words are in the table already.
-- @ids ARRAY<STRING>: of events
SELECT DISTINCT event_id
FROM corrections
WHERE event_id IN UNNEST(@ids)
