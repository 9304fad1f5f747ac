-- Where the rows of views are kept.
CREATE SCHEMA IF NOT EXISTS ${schema}
