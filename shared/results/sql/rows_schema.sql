-- Results that were read, as JSON.
CREATE TABLE results (ad_id TEXT NOT NULL, row TEXT NOT NULL);
