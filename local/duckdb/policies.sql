-- How many rules there are of who may see which rows.
SELECT COUNT(*) FROM emulator.row_access_policies
