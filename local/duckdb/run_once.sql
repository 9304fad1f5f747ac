-- Runs the query that follows, once.
CREATE OR REPLACE TEMP TABLE rows_of_this_query AS
