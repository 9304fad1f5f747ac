"""What an instance of `dedup` knows of all creatives, in arrays, and what it keeps of that in a bucket."""
