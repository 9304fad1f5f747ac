-- What queries depend on and no lake holds: functions, who may see which rows, and tables whose time is over.
SELECT CAST(list(resource ORDER BY resource) AS VARCHAR) FROM emulator.routines
UNION ALL
SELECT CAST(list(resource ORDER BY resource) AS VARCHAR) FROM emulator.row_access_policies
UNION ALL
SELECT CAST(list(definition ORDER BY definition) AS VARCHAR) FROM emulator.js_functions
UNION ALL
SELECT CAST(COUNT(*) AS VARCHAR) FROM emulator.tables
WHERE CAST(resource ->> 'expirationTime' AS BIGINT) <= epoch_ms(now())
