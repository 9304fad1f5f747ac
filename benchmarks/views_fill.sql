-- The rows that benchmarks/views.py asks about: @ads ads over a fifth as many creatives.
-- @ads INT64, @start TIMESTAMP

-- Half of the ads are raw ads.
INSERT INTO raw_ads (ad_id, url, campaign)
SELECT CONCAT('ad-', CAST(n AS STRING)), CONCAT('https://x.example/', CAST(n AS STRING)), 'spring'
FROM UNNEST(GENERATE_ARRAY(0, @ads - 1)) AS n
WHERE MOD(n, 2) = 0;

INSERT INTO ads (event_id, occurred_at, ad_id, source, batch_id, origin)
SELECT
  'e',
  TIMESTAMP_ADD(@start, INTERVAL n SECOND),
  CONCAT('ad-', CAST(n AS STRING)),
  CONCAT('https://x.example/', CAST(n AS STRING)),
  'b',
  'batch'
FROM UNNEST(GENERATE_ARRAY(0, @ads - 1)) AS n;

-- A tenth of the URLs are dead.
INSERT INTO failures (event_id, occurred_at, ad_id, source, stage, reason, detail)
SELECT 'e', TIMESTAMP_ADD(occurred_at, INTERVAL 1 SECOND), ad_id, source, 'fetch', 'not_found', 'gone'
FROM ads
WHERE ENDS_WITH(ad_id, '9');

INSERT INTO sightings (event_id, occurred_at, ad_id, source, batch_id, origin, creative_id, uri)
SELECT
  'e',
  TIMESTAMP_ADD(occurred_at, INTERVAL 1 SECOND),
  ad_id,
  source,
  batch_id,
  origin,
  LPAD(CAST(MOD(CAST(SUBSTR(ad_id, 4) AS INT64), DIV(@ads, 5)) AS STRING), 40, '0'),
  'gs://c/x'
FROM ads
WHERE NOT ENDS_WITH(ad_id, '9');

INSERT INTO images (event_id, occurred_at, creative_id, uri, content_type, bytes)
SELECT
  'e',
  TIMESTAMP_ADD(@start, INTERVAL n SECOND),
  LPAD(CAST(n AS STRING), 40, '0'),
  CONCAT('gs://c/', CAST(n AS STRING)),
  'image/png',
  1000
FROM UNNEST(GENERATE_ARRAY(0, DIV(@ads, 5) - 1)) AS n;

INSERT INTO fingerprints
  (event_id, occurred_at, creative_id, uri, content_type, bytes, kind, width, height, aspect_ratio, near_blank,
   hash_version)
SELECT event_id, occurred_at, creative_id, uri, content_type, bytes, 'image', 1200, 628, '300:157', FALSE, '1'
FROM images;

-- Three of ten creatives duplicate another one of the ten.
INSERT INTO matches
  (event_id, occurred_at, creative_id, kind, match, canonical_id, family_id, method, method_version)
SELECT
  event_id, occurred_at, creative_id, 'image', IF(canonical_id = creative_id, 'new', 'duplicate'), canonical_id,
  canonical_id, 'pixels', '1'
FROM (
  SELECT
    *,
    IF(SUBSTR(creative_id, 40) IN ('0', '1', '2'), CONCAT(SUBSTR(creative_id, 1, 39), '5'), creative_id) AS canonical_id
  FROM images
);

INSERT INTO features
  (event_id, occurred_at, creative_id, kind, extractor, model, feature_model, feature_version, prompt_version,
   input_tokens, cost_usd)
SELECT
  event_id, occurred_at, creative_id, 'image', 'gemini', 'gemini-3.5-flash-lite', 'm', '1', '1', 1000, NUMERIC '0.001'
FROM matches
WHERE match = 'new';
