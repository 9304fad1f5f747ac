-- Where a video is stored, and what kind of file it is.
-- @creative_id STRING
SELECT uri, content_type
FROM current_media
WHERE creative_id = @creative_id AND STARTS_WITH(content_type, 'video/') AND STARTS_WITH(uri, 'gs://')
