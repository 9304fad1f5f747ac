-- Writes what was only noted beside a database into it.
CHECKPOINT ${database};
