-- The highest numbers given so far.
SELECT COALESCE((SELECT MAX(id) FROM messages), 0), COALESCE((SELECT MAX(id) FROM deliveries), 0)
