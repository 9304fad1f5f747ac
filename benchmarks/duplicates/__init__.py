"""Does `dedup` tell copies from versions? Labelled pairs, drawn; ours beside the usual hashes."""
