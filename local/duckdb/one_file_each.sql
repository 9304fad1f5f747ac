-- Puts rows that many inserts have written into one file for each table, and deletes the many: no query reads them any more.
CALL ducklake_merge_adjacent_files(${lake});
CALL ducklake_cleanup_old_files(${lake}, cleanup_all => true);
