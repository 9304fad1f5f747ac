-- What raw ads of some partitions are now takes the place of what is kept of them, in one step: of_raw_ads.sql reads them.
MERGE INTO `${project}.${dataset}.kept_raw_ads` AS kept
USING (
${of_raw_ads}
) AS now
ON FALSE
WHEN NOT MATCHED BY SOURCE AND ${kept_filter} THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT (ad, n, is_malformed, part) VALUES (now.ad, now.n, now.is_malformed, now.part)
