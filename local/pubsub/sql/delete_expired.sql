-- Removes what a subscription has kept waiting longer than its retention.
DELETE FROM deliveries
WHERE subscription = :subscription AND message IN (SELECT id FROM messages WHERE published_ms < :before_ms)
