-- Drops what an earlier server's queries have told: who asked has ended with it, or asks anew.
DROP SCHEMA IF EXISTS emulator._results CASCADE;
CREATE SCHEMA emulator._results;
DELETE FROM emulator.tables WHERE dataset_id = '_results';
