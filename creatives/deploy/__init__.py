"""`make deploy` and `make destroy`: from an empty project to a running pipeline, and back."""
