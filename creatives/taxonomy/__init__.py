"""A taxonomy before it is used: what is wrong with it, what asking it costs, and what it is answered."""
