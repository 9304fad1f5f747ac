-- All subscriptions.
SELECT id, definition FROM subscriptions ORDER BY name
