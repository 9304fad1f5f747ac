"""Politeness: connections to one host are few, and those who wait for it do not take the whole instance."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread

import pytest

from functions.fetch.hosts import HostBusyError, Hosts


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def test_another_host_is_not_kept_waiting(stack: ExitStack) -> None:
    hosts = Hosts(connections=1, queue=0, patience_s=5)
    stack.enter_context(hosts.turn("slow.test"))

    with hosts.turn("other.test"):
        pass


def test_a_full_queue_sends_further_downloads_back_at_once(stack: ExitStack) -> None:
    hosts = Hosts(connections=1, queue=0, patience_s=3600)
    stack.enter_context(hosts.turn("slow.test"))

    with pytest.raises(HostBusyError), hosts.turn("slow.test"):
        pass


def test_patience_ends(stack: ExitStack) -> None:
    hosts = Hosts(connections=1, queue=1, patience_s=0.01)
    stack.enter_context(hosts.turn("slow.test"))

    with pytest.raises(HostBusyError), hosts.turn("slow.test"):
        pass


def test_who_waits_gets_the_next_turn() -> None:
    hosts = Hosts(connections=1, queue=1, patience_s=10)
    got_it = Event()

    def wait() -> None:
        with hosts.turn("slow.test"):
            got_it.set()

    with hosts.turn("slow.test"):
        waiting = Thread(target=wait)
        waiting.start()
        assert not got_it.is_set()
    waiting.join(10)

    assert got_it.is_set()


def test_a_failed_download_gives_its_turn_back() -> None:
    hosts = Hosts(connections=1, queue=0, patience_s=0.01)

    with pytest.raises(OSError, match="broken"), hosts.turn("slow.test"):
        raise OSError("broken")

    with hosts.turn("slow.test"):
        pass


def test_a_host_that_wants_to_be_left_alone_is() -> None:
    hosts = Hosts(connections=1, queue=0, patience_s=0.01)
    hosts.leave_alone("slow.test", 60)
    hosts.leave_alone("slow.test", 1)  # the longer one holds

    with pytest.raises(HostBusyError, match=r"another (60|59) s"), hosts.turn("slow.test"):
        pass
    with hosts.turn("other.test"):
        pass
