-- Forgets the rows of views that nobody reads any more.
DROP SCHEMA ${schema} CASCADE
