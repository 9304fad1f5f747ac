-- The creatives whose ids begin as some texts do, a few of each text.
-- @beginnings ARRAY<STRING>
SELECT beginning, creative_id
FROM current_matches
INNER JOIN UNNEST(@beginnings) AS beginning ON STARTS_WITH(creative_id, beginning)
QUALIFY ROW_NUMBER() OVER (PARTITION BY beginning ORDER BY creative_id) <= 3
ORDER BY creative_id
