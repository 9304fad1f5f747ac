-- What copies saved, as the view says.
SELECT day, extractor, model, mode, kind, batch_id, duplicates, saved_usd
FROM saved_now
