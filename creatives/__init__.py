"""The `creatives` command and what it does, on this machine or in a project: a folder a subject."""
