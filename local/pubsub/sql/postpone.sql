-- A delivery failed: its next turn.
UPDATE deliveries SET due_ms = :due_ms, failures = failures + 1 WHERE id = :id
