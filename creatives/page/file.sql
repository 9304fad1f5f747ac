-- Where a creative that a browser can show is stored, and what kind of file it is.
-- @creative_id STRING
SELECT uri, content_type
FROM current_media
WHERE creative_id = @creative_id AND STARTS_WITH(uri, 'gs://')
    AND (
        STARTS_WITH(content_type, 'video/')
        OR content_type IN ('image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/bmp')
    )
