-- Keeps a result.
INSERT INTO results (ad_id, row) VALUES (?, ?)
