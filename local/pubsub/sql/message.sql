-- One message.
SELECT id, data, attributes, ordering_key, published_ms FROM messages WHERE id = :id
