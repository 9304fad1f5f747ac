-- Remembers a line; nothing changes where it was seen before.
INSERT OR IGNORE INTO seen (signature) VALUES (?)
