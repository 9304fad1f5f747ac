-- The deliveries of a subscription whose turn has come, the longest due first.
SELECT id, message, failures FROM deliveries
WHERE subscription = :subscription AND due_ms <= :now_ms
ORDER BY due_ms, id
LIMIT :most
