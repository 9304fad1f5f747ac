-- The newest version of a lake's schemas: another after each change of its tables' columns, and of its views.
SELECT MAX(schema_version) FROM ${lake}.ducklake_snapshot
