"""What assistants may ask of a dataset, and `creatives find`, which asks the same."""
