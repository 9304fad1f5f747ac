-- The same where there is none: the table need not let itself be read without a condition on its partitions.
SELECT CAST(NULL AS STRING) AS ad_id, CAST(NULL AS STRING) AS source
