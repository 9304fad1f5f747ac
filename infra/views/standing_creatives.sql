-- Each creative by what `settle` has kept of it. One row per creative, by its fingerprint.
-- What current_media, current_matches (without people's corrections), current_features, current_failures and current_waits
-- come to, of narrow rows.
-- Of one that is analysed only the answer and the decision are kept: nothing that comes later takes the result back.
-- Texts stand in arrays of their own: who does not ask for them is not billed for them.
WITH kept AS (
  SELECT
    creative,
    MAX(analysed_at) AS analysed_at,
    MAX(fingerprinted_at) AS fingerprinted_at,
    MAX(asked_at) AS asked_at,
    ARRAY_AGG(
      IF(taken_in_at IS NULL, NULL, STRUCT(taken_in_at AS taken_in_at, is_video AS is_video)) IGNORE NULLS
      ORDER BY taken_in_at DESC, IF(is_video, 1, 0)
      LIMIT 1
    ) AS taken_in,
    ARRAY_AGG(
      IF(
        decided_at IS NULL,
        NULL,
        STRUCT(
          decided_at AS decided_at,
          canonical AS canonical,
          is_duplicate AS is_duplicate,
          by_override AS by_override,
          revised_at AS revised_at
        )
      ) IGNORE NULLS
      -- Nulls come last by themselves: the local BigQuery takes the first before it leaves them out.
      ORDER BY
        IF(decided_at IS NULL, 1, 0),
        IF(by_override, 1, 0),
        revised_at DESC,
        IF(is_duplicate, 1, 0),
        decided_at,
        canonical
      LIMIT 1
    ) AS decided,
    ARRAY_AGG(
      IF(analysed_at IS NULL, NULL, STRUCT(cost_usd AS cost_usd, analysed_at AS analysed_at)) IGNORE NULLS
      ORDER BY analysed_at DESC, cost_usd
      LIMIT 1
    ) AS answered,
    ARRAY_AGG(
      IF(analysed_at IS NULL, NULL, STRUCT(extractor AS extractor, model AS model, mode AS mode)) IGNORE NULLS
      ORDER BY analysed_at DESC, cost_usd, extractor, model, mode
      LIMIT 1
    ) AS answered_by,
    ARRAY_AGG(
      IF(fingerprinted_at IS NULL, NULL, STRUCT(kind AS kind, batch_id AS batch_id)) IGNORE NULLS
      ORDER BY fingerprinted_at DESC, kind, batch_id
      LIMIT 1
    ) AS decoded,
    ARRAY_AGG(
      IF(taken_in_at IS NULL, NULL, STRUCT(taken_in_batch AS batch_id)) IGNORE NULLS
      ORDER BY taken_in_at DESC, IF(is_video, 1, 0), taken_in_batch
      LIMIT 1
    ) AS brought,
    ARRAY_AGG(
      IF(
        failed_at IS NULL,
        NULL,
        STRUCT(failed_step AS step, failed_at AS failed_at, failed_stage AS stage, failed_reason AS reason)
      ) IGNORE NULLS
      ORDER BY failed_step DESC, failed_at DESC, failed_stage, failed_reason
      LIMIT 1
    ) AS failed,
    ARRAY_AGG(
      IF(waited_at IS NULL, NULL, STRUCT(waited_at AS waited_at, wait_reason AS reason)) IGNORE NULLS
      ORDER BY waited_at DESC, wait_reason
      LIMIT 1
    ) AS waited
  FROM `${project}.${dataset}.kept_creatives`
  GROUP BY creative
)

SELECT
  creative,
  IF(analysed_at IS NULL, taken_in[SAFE_OFFSET(0)].taken_in_at, NULL) AS taken_in_at,
  IF(analysed_at IS NULL, taken_in[SAFE_OFFSET(0)].is_video, NULL) AS is_video,
  IF(analysed_at IS NULL, fingerprinted_at, NULL) AS fingerprinted_at,
  decided[SAFE_OFFSET(0)].decided_at AS decided_at,
  decided[SAFE_OFFSET(0)].canonical AS canonical,
  decided[SAFE_OFFSET(0)].is_duplicate AS is_duplicate,
  decided[SAFE_OFFSET(0)].by_override AS by_override,
  decided[SAFE_OFFSET(0)].revised_at AS revised_at,
  analysed_at,
  answered[SAFE_OFFSET(0)].cost_usd AS cost_usd,
  IF(analysed_at IS NULL, failed[SAFE_OFFSET(0)].step, NULL) AS failed_step,
  IF(analysed_at IS NULL, failed[SAFE_OFFSET(0)].failed_at, NULL) AS failed_at,
  IF(analysed_at IS NULL, failed[SAFE_OFFSET(0)].stage, NULL) AS failed_stage,
  IF(analysed_at IS NULL, failed[SAFE_OFFSET(0)].reason, NULL) AS failed_reason,
  IF(analysed_at IS NULL, waited[SAFE_OFFSET(0)].waited_at, NULL) AS waited_at,
  IF(analysed_at IS NULL, waited[SAFE_OFFSET(0)].reason, NULL) AS wait_reason,
  IF(analysed_at IS NULL, asked_at, NULL) AS asked_at,
  answered_by[SAFE_OFFSET(0)].extractor AS extractor,
  answered_by[SAFE_OFFSET(0)].model AS model,
  answered_by[SAFE_OFFSET(0)].mode AS mode,
  IF(analysed_at IS NULL, decoded[SAFE_OFFSET(0)].kind, NULL) AS kind,
  IF(analysed_at IS NULL, decoded[SAFE_OFFSET(0)].batch_id, NULL) AS batch_id,
  IF(analysed_at IS NULL, brought[SAFE_OFFSET(0)].batch_id, NULL) AS taken_in_batch
FROM kept
