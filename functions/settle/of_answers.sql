-- The answers that were asked for since a time, in the form of `kept_answers`: each may be there more than once.
-- @since TIMESTAMP
SELECT
  FARM_FINGERPRINT(creative_id) AS creative,
  occurred_at AS paid_at,
  FARM_FINGERPRINT(
    TO_JSON_STRING(
      STRUCT(
        useful AS useful,
        extractor AS extractor,
        model AS model,
        mode AS mode,
        feature_model AS feature_model,
        feature_version AS feature_version,
        prompt_version AS prompt_version
      )
    )
  ) AS answer,
  cost_usd
FROM paid_answers
WHERE occurred_at >= @since
