-- The parts of one place after the other, in the order in which places came.
SELECT place, part
FROM (SELECT id, place, part, MIN(id) OVER (PARTITION BY place) AS first FROM parts)
ORDER BY first, id
