-- Removes a message when no subscription waits for it any more.
DELETE FROM messages WHERE id = :id AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = :id)
