"""What is asked of x264 by whoever encodes with a rate factor."""

SAME_EACH_TIME = "mbtree=0"
"""Its macroblock trees (core 165) read memory that nobody has written, where the processor has AVX-512: the same frames
came out in other ways, as what was freed before lay there. With a constant quantiser (`qp`) it makes none."""
