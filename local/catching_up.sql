-- The objects that some function was told of.
SELECT uri FROM images
UNION DISTINCT
SELECT uri FROM videos
UNION DISTINCT
SELECT uri FROM failures WHERE uri IS NOT NULL
