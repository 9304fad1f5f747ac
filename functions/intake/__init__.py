"""`intake`: says what an uploaded object is, and which ad it is for."""
