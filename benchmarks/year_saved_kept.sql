-- What copies saved as it is kept.
SELECT day, extractor, model, mode, kind, batch_id, duplicates, saved_usd
FROM kept_saved
