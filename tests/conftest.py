"""What every test may use: the servers of tests/gcs.py and tests/bigquery.py, the browser of tests/browser.py; how many
seeds to draw from; and which tests `make check` runs: those that need no server.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

import hypothesis
import pytest

from local import processes

hypothesis.settings.register_profile("shared", deadline=None)  # three workers share two cores: none has 200 ms for sure
hypothesis.settings.load_profile("shared")

pytest_plugins = ["tests.gcs", "tests.bigquery", "tests.browser"]

TESTS = Path(__file__).parent
SERVERS = {"gcs", "bigquery_server", "browser", "terraform"}
"""Fixtures that start one: whoever takes any of them, by whatever way, needs a server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--datasets", type=int, default=2, help="how many sets of rows the local BigQuery is compared on")
    parser.addoption("--seeds", type=int, default=1, help="how many drawn campaigns the end-to-end tests upload")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "drawn_dataset" in metafunc.fixturenames:
        metafunc.parametrize("drawn_dataset", range(metafunc.config.getoption("--datasets")))
    if "seed" in metafunc.fixturenames and metafunc.module.__name__.endswith("e2e.test_duplicates"):
        metafunc.parametrize("seed", range(metafunc.config.getoption("--seeds")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("server")


@pytest.fixture(autouse=True)
def _no_server_but_where_it_is_said(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that `make check` runs starts none by itself."""
    if "not server" not in request.config.option.markexpr:
        yield
        return
    with patch.object(processes, "start", _refused):
        yield


def _refused(name: str, *_: object, **__: object) -> NoReturn:
    raise AssertionError(f"{name} was started: mark the test with pytest.mark.server")
