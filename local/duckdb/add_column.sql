-- Gives a table, or a record in one, a column more: its name and type, or those of a field by its path.
ALTER TABLE ${table} ADD COLUMN ${column}
