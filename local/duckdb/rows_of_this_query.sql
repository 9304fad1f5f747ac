-- What came of it.
FROM temp.main.rows_of_this_query
