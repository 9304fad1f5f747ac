-- Adds or replaces a topic.
INSERT OR REPLACE INTO topics (name, definition) VALUES (:name, :definition)
