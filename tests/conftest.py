"""What every test may use: the servers of tests/gcs.py and tests/bigquery.py, the browser of tests/browser.py, and how
many seeds to draw from.
"""

import hypothesis
import pytest

hypothesis.settings.register_profile("shared", deadline=None)  # three workers share two cores: none has 200 ms for sure
hypothesis.settings.load_profile("shared")

pytest_plugins = ["tests.gcs", "tests.bigquery", "tests.browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--datasets", type=int, default=2, help="how many sets of rows the local BigQuery is compared on")
    parser.addoption("--seeds", type=int, default=1, help="how many drawn campaigns the end-to-end tests upload")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "drawn_dataset" in metafunc.fixturenames:
        metafunc.parametrize("drawn_dataset", range(metafunc.config.getoption("--datasets")))
    if "seed" in metafunc.fixturenames and metafunc.module.__name__.endswith("e2e.test_duplicates"):
        metafunc.parametrize("seed", range(metafunc.config.getoption("--seeds")))
