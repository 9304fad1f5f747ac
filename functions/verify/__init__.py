"""`verify`: whether what a model quotes from a creative stands there."""
