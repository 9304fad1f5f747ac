-- Canonical images whose hashes are random: numbers after @made up to @count.
-- @made INT64, @count INT64, @hash_version STRING
INSERT INTO canonicals
  (event_id, occurred_at, schema_version, creative_id, kind, dhash, aspect, frames, hash_version, family_id)
SELECT 'benchmark', TIMESTAMP '2026-11-02', 1, id, 'image', FARM_FINGERPRINT(id), 1.0, [], @hash_version, id
FROM (SELECT TO_HEX(SHA1(CAST(number AS STRING))) AS id FROM UNNEST(GENERATE_ARRAY(@made + 1, @count)) AS number)
