-- Forgets it.
DROP TABLE temp.main.rows_of_this_query
