-- JSON as BigQuery has it; the functions that begin with _json_ are of local/json_text.py.
CREATE OR REPLACE MACRO bq.main.parse_json(s) AS json(_json_parsed(s, 'exact')),
(s, mode) AS json(_json_parsed(s, mode));

CREATE OR REPLACE MACRO bq.main._json_value(j, path) AS CASE
    WHEN NOT json_valid(j) THEN NULL
    WHEN json_type(j, path) NOT IN ('DOUBLE', 'BIGINT', 'UBIGINT') THEN json_value(j, path) ->> '$$'
    WHEN typeof(j) = 'JSON' THEN _json_written(j ->> path)
    ELSE json(_json_spelled(j)) ->> path
END;

CREATE OR REPLACE MACRO bq.main._json_value_array(j, path) AS CASE
    WHEN NOT json_valid(j) OR json_type(j, path) <> 'ARRAY' THEN NULL
    WHEN len(list_filter(CAST(j -> path AS JSON[]), lambda e: json_type(e) IN ('ARRAY', 'OBJECT'))) > 0 THEN NULL
    WHEN typeof(j) = 'JSON'
        THEN list_transform(CAST(j -> path AS JSON[]), lambda e: bq.main._json_value(e, '$$'))
    ELSE CAST(json(_json_spelled(j)) -> path AS VARCHAR[])
END;

CREATE OR REPLACE MACRO bq.main.lax_int64(j) AS CASE
    WHEN json_type(j) = 'BOOLEAN' THEN j::BOOLEAN::BIGINT
    WHEN json_type(j) NOT IN ('ARRAY', 'OBJECT') THEN TRY_CAST(j ->> '$$' AS BIGINT)
END;

CREATE OR REPLACE MACRO bq.main.lax_string(j) AS CASE
    WHEN json_type(j) IN ('ARRAY', 'OBJECT') THEN NULL
    ELSE bq.main._json_value(j, '$$')
END;

CREATE OR REPLACE MACRO bq.main.to_json_string(x) AS coalesce(
    CASE WHEN typeof(x) = 'JSON' THEN _json_written(x::VARCHAR) ELSE to_json(x)::VARCHAR END, 'null'
),
(x, pretty) AS coalesce(
    CASE
        WHEN pretty THEN bq.main._json_pretty(to_json(x))
        WHEN typeof(x) = 'JSON' THEN _json_written(x::VARCHAR)
        ELSE to_json(x)::VARCHAR
    END,
    'null'
);
