-- When the next delivery of a subscription has its turn, of those that have not had it yet.
SELECT MIN(due_ms) FROM deliveries WHERE subscription = :subscription AND due_ms > :now_ms
