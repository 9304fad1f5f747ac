"""Erasing one ad or one creative for good: its rows, its files, and what a model said of it."""
