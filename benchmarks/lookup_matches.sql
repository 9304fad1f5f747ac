-- The decisions that made them canonical.
-- @made INT64, @count INT64, @hash_version STRING
INSERT INTO matches
  (event_id, occurred_at, schema_version, creative_id, kind, match, canonical_id, family_id, method, method_version)
SELECT 'benchmark', TIMESTAMP '2026-11-02', 1, id, 'image', 'new', id, id, 'hash', @hash_version
FROM (SELECT TO_HEX(SHA1(CAST(number AS STRING))) AS id FROM UNNEST(GENERATE_ARRAY(@made + 1, @count)) AS number)
