"""`measure`: once a day, what goes with better results, and which creatives wear out."""
