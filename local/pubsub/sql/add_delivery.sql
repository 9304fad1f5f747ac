-- Keeps that a subscription waits for a message.
INSERT INTO deliveries (id, subscription, message, due_ms) VALUES (:id, :subscription, :message, :due_ms)
