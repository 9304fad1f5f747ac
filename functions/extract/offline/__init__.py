"""The offline extractor."""
