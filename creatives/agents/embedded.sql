-- The model that made the newest vectors, and how long they are. No row where there are none.
SELECT model, dimensions
FROM embeddings
WHERE reason IS NULL
QUALIFY ROW_NUMBER() OVER (ORDER BY occurred_at DESC, model, dimensions) = 1
