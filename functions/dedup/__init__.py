"""The stage that tells a new creative from a version and from a copy of a known one: pay once, merge no two ads."""
