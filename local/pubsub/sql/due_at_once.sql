-- At a start: all that waits has its turn now. When it would have had it was said by a clock that has ended.
UPDATE deliveries SET due_ms = 0 WHERE due_ms <> 0
