-- Numbers and times as BigQuery casts them to strings: DuckDB fills a NUMERIC up with zeros, and fractions of seconds
-- not at all, which BigQuery writes as milliseconds or microseconds.
CREATE OR REPLACE MACRO bq.main._float_text(x) AS CASE
    WHEN NOT isfinite(x) THEN x::VARCHAR
    WHEN x = 0 THEN '0'
    WHEN TRY_CAST(format('{:.15g}', x) AS DOUBLE) = x THEN format('{:.15g}', x)
    ELSE format('{:.17g}', x)
END;

CREATE OR REPLACE MACRO bq.main._zero_more(t) AS regexp_replace(t, '(\.(?:\d{3})?\d{1,2})(\D|$$)', '\10\2');

CREATE OR REPLACE MACRO bq.main._text(x) AS CASE
    WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN bq.main._float_text(x::DOUBLE)
    WHEN starts_with(typeof(x), 'DECIMAL') THEN regexp_replace(x::VARCHAR, '(?:(\.\d*[1-9])|\.)0*$$', '\1')
    WHEN starts_with(typeof(x), 'TIME') THEN bq.main._zero_more(bq.main._zero_more(x::VARCHAR))
    WHEN typeof(x) = 'BLOB' THEN decode(x::BLOB)
    ELSE x::VARCHAR
END;
