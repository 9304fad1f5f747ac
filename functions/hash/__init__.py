"""`hash`: measures and fingerprints an image."""
