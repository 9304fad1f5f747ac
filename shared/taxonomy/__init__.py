"""A taxonomy: what is asked about creatives, as a file of data instead of a feature model in Python.

`definition` reads the file, `compiling` makes the feature model of it; docs/taxonomy.md says what stands in one.
"""
