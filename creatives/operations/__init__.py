"""Looking after a pipeline that runs, here or in the cloud: how it stands, what failed and why, and trying again.

Data in, data out: each module asks the dataset by the .sql files beside it. `commands.py` shows it.
"""
