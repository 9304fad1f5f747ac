-- What became of some ads; an ad goes by the SHA-256 of its id and its source, which may be long.
-- @keys ARRAY<STRING>
WITH ads AS (
  SELECT
    TO_HEX(SHA256(CONCAT(COALESCE(ad_id, ''), '\n', COALESCE(source, '')))) AS key,
    status,
    reason,
    waiting_stage,
    creative_id,
    COALESCE(canonical_id, creative_id) AS original_id
  FROM ads_enriched
)

SELECT * FROM ads
WHERE key IN UNNEST(@keys)
