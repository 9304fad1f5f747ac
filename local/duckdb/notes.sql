-- What else queries depend on and no lake holds: who may see which rows, and tables whose time is over.
SELECT CAST(resource AS VARCHAR) FROM emulator.row_access_policies
UNION ALL
SELECT table_id FROM emulator.tables
WHERE contains(CAST(resource AS VARCHAR), 'expirationTime')
  AND CAST(resource ->> 'expirationTime' AS BIGINT) <= epoch_ms(now())
