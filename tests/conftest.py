"""What every test may use: the servers of tests/gcs.py and tests/bigquery.py, the browser of tests/browser.py; how many
seeds to draw from; and which tests `make check` runs: those that need no server.
"""

import asyncio
import gc
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NoReturn
from unittest.mock import patch
from urllib.parse import urlsplit

import hypothesis
import pytest

from creatives import terminal
from local import garbage, memory, processes

# Before a command is imported, which has it as its default: what `make demo` left here is no test's business.
terminal.DEFAULT_DATA = Path(tempfile.gettempdir()) / f"creatives-of-no-run-{os.getpid()}"

# No deadline: four workers share two cores, none has 200 ms for sure. The same examples each time: what chance finds,
# the long run is for.
hypothesis.settings.register_profile("gate", deadline=None, max_examples=15, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=500)  # `make test-long`
hypothesis.settings.load_profile("gate")

# Who runs the tests in the background, or by nohup, has signals ignored; what they start inherits that, and tests send
# these signals.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

# Modules and tests, half a million objects, live as long as the process: the collector need not go through them.
gc.disable()
garbage.collect_seldom()

# As in the functions' processes: pictures take and free the same memory again and again.
memory.keep_freed()

# As in the command and what it starts: to look for plugins of pydantic that nobody has reads what all packages say.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

pytest_plugins = ["tests.gcs", "tests.bigquery", "tests.browser", "tests.workers"]

SERVERS = {"gcs", "bigquery_server", "browser", "terraform"}
"""Fixtures that start one: whoever takes any of them, by whatever way, needs a server."""

SLOW = {"google"}
"""Fixtures that take seconds: Google's analyzer of SQL starts for ten."""

STARTERS = {"local.processes", "tests.e2e.pipelines", "tests.e2e.restartable", "tests.local.pubsub.servers"}
"""Modules that start one: a file that imports any of them, or from them, is about servers."""

STARTING = {"tests.bigquery.served"}
"""What starts one in a module of which others take other things: a file that imports it is about servers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--datasets", type=int, default=2, help="how many sets of rows the local BigQuery is compared on")
    parser.addoption("--seeds", type=int, default=1, help="how many drawn campaigns the end-to-end tests upload")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "datasets" in metafunc.fixturenames:
        metafunc.parametrize("datasets", [metafunc.config.getoption("--datasets")])
    if "seed" in metafunc.fixturenames and metafunc.module.__name__.endswith("e2e.test_duplicates"):
        metafunc.parametrize("seed", range(metafunc.config.getoption("--seeds")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())) or _imports_a_starter(item):
            item.add_marker("server")
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=_turns(items))


def _turns(items: list[pytest.Item]) -> Callable[[pytest.Item], int]:
    """When a file of tests has its turn.

    What starts servers takes longest: begun first, it leaves no worker to wait for the last of it. What Terraform makes
    one file makes for all, for a minute and more: it is the first, and those that would wait for it come later. What is
    slow without servers is before what is quick, of which the last moments are made.
    """
    servers = {item.path for item in items if item.get_closest_marker("server")}
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    of_terraform = list(dict.fromkeys(item.path for item in items if "cloud" in getattr(item, "fixturenames", ())))
    turns = dict.fromkeys(slow, 3) | dict.fromkeys(servers, 1)
    turns |= dict.fromkeys(of_terraform, 2) | dict.fromkeys(of_terraform[:1], 0)
    return lambda item: turns.get(item.path, 4)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def _imports_a_starter(item: pytest.Item) -> bool:
    module = getattr(item, "module", None)
    return isinstance(module, ModuleType) and _names_a_starter(module)


@cache
def _names_a_starter(module: ModuleType) -> bool:
    return any(
        (each.__name__ if isinstance(each, ModuleType) else getattr(each, "__module__", None)) in STARTERS
        or f"{getattr(each, '__module__', '')}.{getattr(each, '__qualname__', '')}" in STARTING
        for each in vars(module).values()
    )


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_to_the_next_file() -> Iterator[None]:
    """No event loop that runs, no address of a server that is gone: which file comes next is chance."""
    yield
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
    hosts = {name: value for name, value in os.environ.items() if name.endswith("_EMULATOR_HOST")}
    assert [name for name, value in hosts.items() if not _answers(value)] == []


def _answers(host: str) -> bool:
    address = urlsplit(host if "://" in host else f"//{host}")
    return address.port is not None and processes.accepts_connections(address.port)


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
