"""Pictures and films: opened without trust, measured, turned into what hashes and comparisons need."""
