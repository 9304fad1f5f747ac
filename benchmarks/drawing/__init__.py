"""Draws labelled ads: labelled copy, set in the fonts at hand, over photographs from packages or made by rule."""
