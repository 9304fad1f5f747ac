"""What every test may use: the servers of tests/gcs.py."""

pytest_plugins = ["tests.gcs"]
