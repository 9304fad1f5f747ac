-- Removes the messages that no subscription waits for.
DELETE FROM messages WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.message = messages.id)
