-- What duplicates saved, by reading all of them.
SELECT *
FROM saved_now
