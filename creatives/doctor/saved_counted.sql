-- What copies saved as it is now, in the form in which `settle` keeps it.
SELECT day, extractor, model, mode, kind, batch_id, duplicates, saved_usd
FROM saved_now
