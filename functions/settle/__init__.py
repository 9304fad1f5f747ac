"""`settle`: how the pipeline stands, kept as a row, so that asking costs nothing."""
