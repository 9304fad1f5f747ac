"""What an extraction costs, what may be spent, and requests that wait for it."""
