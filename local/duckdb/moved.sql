-- Where DuckLake looks for the files of its tables ($$1); what it knows of each is told from there.
UPDATE ducklake_metadata SET value = $$1 WHERE key = 'data_path' AND value <> $$1
