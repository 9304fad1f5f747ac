-- No table.
SELECT NULL AS table_name WHERE FALSE
