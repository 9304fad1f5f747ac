-- A delivery is done.
DELETE FROM deliveries WHERE id = :id
