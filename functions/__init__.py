"""The stages of the pipeline, one folder a function. None imports another."""
