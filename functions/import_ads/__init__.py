"""`import_ads`: new rows of the user's raw-ads table become batches of URLs."""
