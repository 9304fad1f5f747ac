"""Do two pictures show the same? By their thumbnails first, then at full size by what their encoders left."""
