"""How often quotations are told right from wrong: on drawn ads with planted wrong ones."""
