-- A list's lines while they are read: those that were seen, and what each says of its place (ad, days, network, placement).
CREATE TABLE seen (signature INTEGER PRIMARY KEY);

CREATE TABLE parts (id INTEGER PRIMARY KEY, place TEXT NOT NULL, part TEXT NOT NULL);
