"""Extraction itself: what it would cost, how good it is, doing it again."""
