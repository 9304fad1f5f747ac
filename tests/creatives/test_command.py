"""Signals end the command at any moment, also where Python or a package swallows what they raise."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared import wiring
from tests.cases import some_of

pytestmark = pytest.mark.slow

ENDED = (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)

SWALLOWED_BY = {
    "a destructor": """
class Deaf:
    def __del__(self):
        ready()
made = Deaf()
del made
""",
    "the callback of a weak reference": """
import weakref
class Deaf:
    pass
made = Deaf()
kept = weakref.ref(made, lambda _: ready())
del made
""",
    "a package that looks for another": """
try:
    ready()
except:
    pass
""",
}
NEVER = """
import threading
import time
from creatives import command

def run():
    try:
        print("ready", flush=True)
        while True:
            time.sleep(0.1)
    finally:
        {ending}

command.CLEARING_UP_S = 0.5
command._run = run
command.main()
"""
NEVER_ENDING = {
    "a lock that nobody releases": "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "a thread that is waited for at the end": "threading.Thread(target=threading.Event().wait).start()",
}
RUN = """
import time
from creatives import command

def wait():
    while True:
        time.sleep(0.1)  # a signal that comes just before one of these is handled after it

def ready():
    print("ready", flush=True)
    wait()

def run():
{swallowing}
    try:
        wait()
    finally:
        for _ in range(8):
            time.sleep(0.1)  # longer than it is patient
        print("cleared up", flush=True)

command._run = run
command.main()
"""


@pytest.mark.parametrize(
    ("by", "number", "code"),
    some_of(
        [(by, *ended) for by in SWALLOWED_BY for ended in ENDED],
        in_the_gate=[(by, *ended) for by, ended in zip(SWALLOWED_BY, ENDED, strict=False)],
    ),
)
def test_a_signal_that_is_swallowed_ends_the_command_all_the_same(by: str, number: signal.Signals, code: int) -> None:
    swallowing = SWALLOWED_BY[by].replace("\n", "\n    ")
    program = RUN.format(swallowing=swallowing)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], cwd=wiring.ROOT, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "ready\n"

        process.send_signal(number)
        said, told = process.communicate()

    assert process.returncode == code
    assert (said, told) == ("cleared up\n", "")


@pytest.mark.parametrize("what", NEVER_ENDING)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_clearing_up_that_does_not_end_is_not_waited_for(what: str, number: signal.Signals, code: int) -> None:
    program = NEVER.format(ending=NEVER_ENDING[what])
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=wiring.ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        process.send_signal(number)

        assert process.wait() == code


def test_a_signal_after_all_is_cleared_up_ends_python() -> None:
    wait = "[time.sleep(0.1) for _ in range(6000)]"
    after = f"import atexit, time; atexit.register(lambda: (print('ready', flush=True), {wait}))"
    program = f"from creatives import command\n{after}\ncommand._run = lambda: None\ncommand.main()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=wiring.ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        process.send_signal(signal.SIGTERM)

        assert process.wait() == 143


def test_what_is_compiled_is_kept_by_the_command_and_its_servers_whatever_the_machine_sets(tmp_path: Path) -> None:
    code = """
import os
from creatives import command
try:
    command.main()
finally:
    print("PYTHONDONTWRITEBYTECODE" in os.environ)
"""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(tmp_path)}

    asked = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False", "what it starts inherits"
    assert list(tmp_path.rglob("cli.*.pyc"))
