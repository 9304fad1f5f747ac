"""`creatives correct`, `split`, `merge`, `reset`: what people know better about a creative."""
