"""`probe`: measures and fingerprints a video, by ranged reads."""
