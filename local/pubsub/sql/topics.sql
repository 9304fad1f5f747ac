-- All topics.
SELECT name, definition FROM topics ORDER BY name
