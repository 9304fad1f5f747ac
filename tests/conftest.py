"""What every test may use: the servers of tests/gcs.py and tests/bigquery.py."""

pytest_plugins = ["tests.gcs", "tests.bigquery"]
