-- Where the answer is stored that a creative's features are from: its canonical's, for a duplicate.
-- @creative_id STRING
SELECT answer.answer_uri
FROM current_matches AS matches
INNER JOIN current_features AS answer ON answer.creative_id = matches.canonical_id
WHERE matches.creative_id = @creative_id AND answer.answer_uri IS NOT NULL
