-- What people say of a creative's features, the newest word on each. One row per (creative_id, field).
--
-- A word is `correct` or `confirm` with a value (null or empty: it cannot be told; a `confirm` without one: the model is
-- right, whatever it says), or `reset`. Another one, or one that no feature model allowed, of now or of before, is as if
-- it had not been said. `make schemas` writes below what is allowed; that it goes on
-- to be is remembered here, one line a field, as JSON.
-- <remembered>
-- product_type: [{}]
-- product_category: [{"enum": ["fashion", "beauty", "health", "food", "drinks", "home", "electronics", "software", "games", "entertainment", "travel", "automotive", "real_estate", "finance", "education", "telecom", "sports", "children", "pets", "retail", "services", "non_profit", "other"]}]
-- brand: [{}]
-- has_text: [{}]
-- text: [{}]
-- language: [{"pattern": "^[a-z]{2}\u0024"}]
-- has_promotion: [{}]
-- promotion_text: [{}]
-- discount_percent: [{"minimum": 0, "maximum": 100}]
-- price: [{"minimum": 0}]
-- price_text: [{}]
-- currency: [{"pattern": "^[A-Z]{3}\u0024"}]
-- has_call_to_action: [{}]
-- call_to_action: [{}]
-- car_brand: [{}]
-- car_model: [{}]
-- has_people: [{}]
-- people_count: [{"minimum": 0}]
-- style: [{"enum": ["photo", "illustration", "render", "collage", "screenshot", "typography", "mixed"]}]
-- dominant_colors: [{"maxItems": 5, "enum": ["black", "white", "gray", "red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "beige"]}]
-- setting: [{"enum": ["studio", "home", "workplace", "shop", "restaurant", "city", "road", "nature", "event", "other"]}]
-- mood: [{"enum": ["calm", "cheerful", "energetic", "elegant", "romantic", "playful", "serious", "urgent", "inspiring", "neutral"]}]
-- summary: [{}]
-- first_brand_s: [{"minimum": 0}]
-- promotion_s: [{"minimum": 0}]
-- price_s: [{"minimum": 0}]
-- call_to_action_s: [{"minimum": 0}]
-- has_voice_over: [{}]
-- has_music: [{}]
-- subtitles: [{}]
-- transcript: [{}]
-- pace: [{"enum": ["slow", "medium", "fast"]}]
-- brand_logos: [{"maxItems": 10, "parts": {"brand": {}, "position": {"null": true}}}]
-- hook: [{"parts": {"text": {"null": true}, "description": {"null": true}}}]
-- scenes: [{"maxItems": 50, "parts": {"start_s": {"minimum": 0}, "end_s": {"minimum": 0}, "text": {"null": true}, "description": {"null": true}}}]
-- end_card: [{"parts": {"start_s": {"minimum": 0}, "text": {"null": true}}}]
-- </remembered>
SELECT
  creative_id,
  field,
  COALESCE(action, 'correct') AS action,
  value,
  author,
  note,
  event_id,
  occurred_at
FROM `${project}.${dataset}.corrections`
WHERE
  action = 'reset'
  OR COALESCE(action, 'correct') IN ('correct', 'confirm') AND CASE field
-- <allowed>
    WHEN 'product_type' THEN TRUE
    WHEN 'product_category' THEN COALESCE(value, '') = '' OR (value IN ('fashion', 'beauty', 'health', 'food', 'drinks', 'home', 'electronics', 'software', 'games', 'entertainment', 'travel', 'automotive', 'real_estate', 'finance', 'education', 'telecom', 'sports', 'children', 'pets', 'retail', 'services', 'non_profit', 'other'))
    WHEN 'brand' THEN TRUE
    WHEN 'brand_logos' THEN COALESCE(value, '') = '' OR (JSON_QUERY_ARRAY(value, '$') IS NOT NULL AND ARRAY_LENGTH(JSON_QUERY_ARRAY(value, '$')) <= 10 AND NOT EXISTS (SELECT 1 FROM UNNEST(JSON_QUERY_ARRAY(value, '$')) AS part WHERE NOT COALESCE(STARTS_WITH(TRIM(part), '{') AND COALESCE(JSON_VALUE(part, '$.brand'), JSON_VALUE(part, '$.position')) IS NOT NULL AND JSON_VALUE(part, '$.brand') IS NOT NULL, FALSE)))
    WHEN 'has_text' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'text' THEN TRUE
    WHEN 'language' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^[a-z]{2}$'))
    WHEN 'has_promotion' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'promotion_text' THEN TRUE
    WHEN 'discount_percent' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0 AND SAFE_CAST(value AS FLOAT64) <= 100)
    WHEN 'price' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0)
    WHEN 'price_text' THEN TRUE
    WHEN 'currency' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^[A-Z]{3}$'))
    WHEN 'has_call_to_action' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'call_to_action' THEN TRUE
    WHEN 'car_brand' THEN TRUE
    WHEN 'car_model' THEN TRUE
    WHEN 'has_people' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'people_count' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}$') AND SAFE_CAST(value AS INT64) >= 0)
    WHEN 'style' THEN COALESCE(value, '') = '' OR (value IN ('photo', 'illustration', 'render', 'collage', 'screenshot', 'typography', 'mixed'))
    WHEN 'dominant_colors' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^\\[\\s*(("black"|"white"|"gray"|"red"|"orange"|"yellow"|"green"|"turquoise"|"blue"|"purple"|"pink"|"brown"|"beige")(\\s*,\\s*("black"|"white"|"gray"|"red"|"orange"|"yellow"|"green"|"turquoise"|"blue"|"purple"|"pink"|"brown"|"beige"))*)?\\s*\\]$') AND JSON_VALUE_ARRAY(value, '$') IS NOT NULL AND ARRAY_LENGTH(JSON_VALUE_ARRAY(value, '$')) <= 5)
    WHEN 'setting' THEN COALESCE(value, '') = '' OR (value IN ('studio', 'home', 'workplace', 'shop', 'restaurant', 'city', 'road', 'nature', 'event', 'other'))
    WHEN 'mood' THEN COALESCE(value, '') = '' OR (value IN ('calm', 'cheerful', 'energetic', 'elegant', 'romantic', 'playful', 'serious', 'urgent', 'inspiring', 'neutral'))
    WHEN 'summary' THEN TRUE
    WHEN 'hook' THEN COALESCE(value, '') = '' OR (STARTS_WITH(TRIM(value), '{') AND COALESCE(JSON_VALUE(value, '$.text'), JSON_VALUE(value, '$.description')) IS NOT NULL)
    WHEN 'scenes' THEN COALESCE(value, '') = '' OR (JSON_QUERY_ARRAY(value, '$') IS NOT NULL AND ARRAY_LENGTH(JSON_QUERY_ARRAY(value, '$')) <= 50 AND NOT EXISTS (SELECT 1 FROM UNNEST(JSON_QUERY_ARRAY(value, '$')) AS part WHERE NOT COALESCE(STARTS_WITH(TRIM(part), '{') AND COALESCE(JSON_VALUE(part, '$.start_s'), JSON_VALUE(part, '$.end_s'), JSON_VALUE(part, '$.text'), JSON_VALUE(part, '$.description')) IS NOT NULL AND JSON_VALUE(part, '$.start_s') IS NOT NULL AND REGEXP_CONTAINS(JSON_VALUE(part, '$.start_s'), '^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$') AND SAFE_CAST(JSON_VALUE(part, '$.start_s') AS FLOAT64) IS NOT NULL AND SAFE_CAST(JSON_VALUE(part, '$.start_s') AS FLOAT64) >= 0 AND JSON_VALUE(part, '$.end_s') IS NOT NULL AND REGEXP_CONTAINS(JSON_VALUE(part, '$.end_s'), '^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$') AND SAFE_CAST(JSON_VALUE(part, '$.end_s') AS FLOAT64) IS NOT NULL AND SAFE_CAST(JSON_VALUE(part, '$.end_s') AS FLOAT64) >= 0, FALSE)))
    WHEN 'first_brand_s' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0)
    WHEN 'promotion_s' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0)
    WHEN 'price_s' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0)
    WHEN 'call_to_action_s' THEN COALESCE(value, '') = '' OR (REGEXP_CONTAINS(value, '^-?[0-9]{1,18}(\\.[0-9]{1,18})?$') AND SAFE_CAST(value AS FLOAT64) >= 0)
    WHEN 'end_card' THEN COALESCE(value, '') = '' OR (STARTS_WITH(TRIM(value), '{') AND COALESCE(JSON_VALUE(value, '$.start_s'), JSON_VALUE(value, '$.text')) IS NOT NULL AND JSON_VALUE(value, '$.start_s') IS NOT NULL AND REGEXP_CONTAINS(JSON_VALUE(value, '$.start_s'), '^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$') AND SAFE_CAST(JSON_VALUE(value, '$.start_s') AS FLOAT64) IS NOT NULL AND SAFE_CAST(JSON_VALUE(value, '$.start_s') AS FLOAT64) >= 0)
    WHEN 'has_voice_over' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'has_music' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'subtitles' THEN COALESCE(value, '') = '' OR (value IN ('true', 'false'))
    WHEN 'transcript' THEN TRUE
    WHEN 'pace' THEN COALESCE(value, '') = '' OR (value IN ('slow', 'medium', 'fast'))
-- </allowed>
    ELSE FALSE
  END
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY creative_id, field
    ORDER BY occurred_at DESC, event_id, action, value, author, note
  ) = 1
