-- Adds a subscription or replaces its definition; what it has waiting stays.
INSERT INTO subscriptions (id, name, definition) VALUES (:id, :name, :definition)
ON CONFLICT (id) DO UPDATE SET definition = excluded.definition
