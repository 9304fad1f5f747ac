"""`embed`: what creatives mean, as vectors that `creatives find` looks through."""
