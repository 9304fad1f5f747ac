-- Keeps a message.
INSERT INTO messages (id, data, attributes, ordering_key, published_ms)
VALUES (:id, :data, :attributes, :ordering_key, :published_ms)
