"""`creatives split`, `merge`, `reset`: what people know better about a match."""
