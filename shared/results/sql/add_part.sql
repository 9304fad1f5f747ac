-- Keeps what a line says of its place.
INSERT INTO parts (place, part) VALUES (?, ?)
