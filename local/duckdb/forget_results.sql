-- Forgets what was noted of results that are dropped.
DELETE FROM emulator.tables WHERE dataset_id = '_results' AND list_contains(?, table_id)
