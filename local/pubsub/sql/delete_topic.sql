-- Removes a topic; its subscriptions stay.
DELETE FROM topics WHERE name = :name
