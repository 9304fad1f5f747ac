"""The tables: their columns from the models of their rows, how those may grow, and what the views say of them."""
