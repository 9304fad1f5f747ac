-- Removes all that a subscription has waiting.
DELETE FROM deliveries WHERE subscription = :subscription
