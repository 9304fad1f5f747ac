"""Where the gate's processor time goes: a plugin of pytest that sums it by file of tests, the dearest first.

    .venv/bin/pytest --workers 4 -p benchmarks.gate

Processor time tells more than the clock on a machine that does other things. Counted are the worker and whatever lives
below it: servers, browsers, Terraform. What a shared server takes to start is told of the file that was first to ask;
finding the tests, which imports all of them, has a line of its own. Linux only: it reads /proc.
"""

import os
from collections import defaultdict
from collections.abc import Generator, Iterator

import pytest

_TICKS_S = os.sysconf("SC_CLK_TCK")
_PROPERTY = "processor_s"
_FOUND = "finding the tests"


class Spent:
    """Processor time since the last time that somebody asked, at first since the process began."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """As a process does: with none."""
        self._until = 0.0

    def since(self) -> float:
        """Seconds."""
        before, self._until = self._until, _of_the_tree(os.getpid())
        return self._until - before


def _of_the_tree(root: int) -> float:
    """What a process, its children, theirs, and those of them that have ended, have taken, in seconds."""
    ticks, parents = {}, {}
    for process, fields in _processes():
        parents[process] = int(fields[1])
        ticks[process] = sum(map(int, fields[11:15]))
    living = {root}
    while more := {process for process, parent in parents.items() if parent in living} - living:
        living |= more
    return sum(ticks.get(process, 0) for process in living) / _TICKS_S


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Every process and the fields of its `stat` after the name, which may hold spaces.

    Without pathlib: a test that gives itself out for another system's can have no path while it does.
    """
    for process in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{process}/stat") as stat:  # noqa: PTH123
                yield int(process), stat.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended in between


class Plugin:
    """Measures in the workers, sums in the process that reports."""

    def __init__(self) -> None:
        self._spent = Spent()
        self._files: dict[str, float] = defaultdict(float)

    def pytest_collection_finish(self) -> None:
        """Notes what it took until here."""
        self._files[_FOUND] = self._spent.since()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
        """Notes what a file has taken once its last test has ended: to look through all processes takes 2 ms."""
        try:
            return (yield)
        finally:
            if nextitem is None or nextitem.path != item.path:
                item.user_properties.append((_PROPERTY, self._spent.since()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds it to the file's."""
        self._files[report.nodeid.partition("::")[0]] += sum(
            seconds for name, seconds in report.user_properties if name == _PROPERTY and isinstance(seconds, float)
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the files."""
        terminalreporter.section("processor time by file")
        for file, seconds in sorted(self._files.items(), key=lambda each: -each[1]):
            terminalreporter.write_line(f"{seconds:8.1f} s  {file}")
        terminalreporter.write_line(f"{sum(self._files.values()):8.1f} s  in all")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the plugin."""
    config.pluginmanager.register(Plugin())
