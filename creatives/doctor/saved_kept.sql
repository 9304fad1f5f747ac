-- What copies saved as `settle` has kept it, which the view costs reads.
SELECT day, extractor, model, mode, kind, batch_id, duplicates, saved_usd
FROM kept_saved
