-- How many rows a query's result has.
SELECT count(*) FROM emulator.${dataset}.${table}
