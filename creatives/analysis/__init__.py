"""`creatives demo`, `analyze`, `publish`: creatives in, what became of them out."""
