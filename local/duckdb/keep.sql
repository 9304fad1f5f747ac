-- Keeps the rows of a view, or a view that reads such rows.
CREATE ${kind} ${place} AS ${made_of}
