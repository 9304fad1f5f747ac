-- Removes a subscription.
DELETE FROM subscriptions WHERE id = :id
