-- Drops the rows that a query has told.
DROP TABLE IF EXISTS ${table}
