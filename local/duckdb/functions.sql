-- What views are written with and no lake holds: functions.
SELECT CAST(resource AS VARCHAR) FROM emulator.routines
UNION ALL
SELECT definition FROM emulator.js_functions
