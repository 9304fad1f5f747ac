"""`fetch`: splits batches into ads, and downloads each ad's creative safely into the bucket."""
