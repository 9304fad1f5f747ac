"""The same pipeline on one machine, and the `creatives` command. Nothing imports this package."""
