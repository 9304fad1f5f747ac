-- The file: topics and subscriptions as the API defined them, and each message once with one row per delivery it waits for.
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, definition BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS subscriptions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, definition BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL,
    attributes TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    published_ms INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY,
    subscription INTEGER NOT NULL,
    message INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX IF NOT EXISTS deliveries_by_turn ON deliveries (subscription, due_ms, id);

CREATE INDEX IF NOT EXISTS deliveries_by_message ON deliveries (message);
