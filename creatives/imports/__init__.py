"""`creatives import-ads`: the user's raw-ads table, read at once."""
