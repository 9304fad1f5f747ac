"""A storm over the whole pipeline, drawn from a seed: servers die, stall and fill up, and every ad is counted after."""
