-- Each partition of a table, how many rows are in it, and a number that other rows would change.
-- ${table} is the table, ${partition} what tells the partition of a row.
SELECT ${partition}, count(*), CAST(sum(hash(t)) AS VARCHAR)
FROM ${table} AS t
GROUP BY 1
ORDER BY 1
