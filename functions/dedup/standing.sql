-- Where creatives stand, by their newest rows: all of them, or those that are named. Thousands of creatives are packed
-- into each row of the answer, a column's values one after another: so ten million are read in seconds.
-- Ids are 40 hexadecimal digits, names of pixels 32, numbers have a blank between them. Zeros stand for an id or a name that
-- is null, `nan` for a number. Rows that cannot have come from `dedup` (an id that is none, no proportions) are left out.
-- @everything BOOL, @creative_ids ARRAY<STRING>, @since TIMESTAMP (partitions of days before it are not read),
-- @digits INT64 (of an id, by which creatives are packed together)
WITH newest AS (
  SELECT
    creative_id, kind, dhash, aspect, frames, duration_s, hash_version, family_id, canonical_id, area, difference, inside_aspect,
    occurred_at,
    IF(REGEXP_CONTAINS(pixels_sha, r'^[0-9a-f]{32}$'), pixels_sha, NULL) AS pixels_sha
  FROM canonicals
  WHERE (@everything OR creative_id IN UNNEST(@creative_ids))
    AND REGEXP_CONTAINS(CONCAT(creative_id, family_id, COALESCE(canonical_id, creative_id)), r'^[0-9a-f]{120}$')
    AND aspect > 0 AND aspect < 1e9
    AND (occurred_at >= @since OR occurred_at IS NULL)
  QUALIFY
    ROW_NUMBER() OVER (
      PARTITION BY creative_id
      ORDER BY occurred_at DESC, family_id, canonical_id, area, difference, aspect, duration_s, dhash, pixels_sha
    ) = 1
),

texts AS (
  SELECT
    *,
    NULLIF(
      ARRAY_TO_STRING(
        ARRAY(SELECT CAST(bits AS STRING) FROM UNNEST(frames) AS bits WITH OFFSET AS position ORDER BY position), ' '
      ),
      ''
    ) AS frames_text
  FROM newest
)

SELECT
  hash_version,
  kind,
  duration_s IS NOT NULL AS moves,
  STRING_AGG(creative_id, '' ORDER BY creative_id) AS creative_ids,
  STRING_AGG(family_id, '' ORDER BY creative_id) AS family_ids,
  STRING_AGG(COALESCE(canonical_id, REPEAT('0', 40)), '' ORDER BY creative_id) AS canonical_ids,
  STRING_AGG(COALESCE(pixels_sha, REPEAT('0', 32)), '' ORDER BY creative_id) AS pixels,
  STRING_AGG(CAST(COALESCE(dhash, 0) AS STRING), ' ' ORDER BY creative_id) AS dhash,
  STRING_AGG(IF(dhash IS NULL, '0', '1'), ' ' ORDER BY creative_id) AS hashed,
  STRING_AGG(CAST(aspect AS STRING), ' ' ORDER BY creative_id) AS aspect,
  STRING_AGG(CAST(COALESCE(area, 0) AS STRING), ' ' ORDER BY creative_id) AS area,
  STRING_AGG(COALESCE(CAST(difference AS STRING), 'nan'), ' ' ORDER BY creative_id) AS difference,
  STRING_AGG(COALESCE(CAST(inside_aspect AS STRING), 'nan'), ' ' ORDER BY creative_id) AS inside_aspect,
  STRING_AGG(COALESCE(CAST(duration_s AS STRING), 'nan'), ' ' ORDER BY creative_id) AS duration_s,
  STRING_AGG(CAST(COALESCE(UNIX_MICROS(occurred_at), 0) AS STRING), ' ' ORDER BY creative_id) AS decided_us,
  STRING_AGG(CAST(ARRAY_LENGTH(frames) AS STRING), ' ' ORDER BY creative_id) AS n_frames,
  STRING_AGG(frames_text, ' ' ORDER BY creative_id) AS frames
FROM texts
GROUP BY hash_version, kind, moves, SUBSTR(creative_id, 1, @digits)
