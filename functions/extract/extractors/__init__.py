"""The extractors, a file or folder each, and what asking a model takes."""
