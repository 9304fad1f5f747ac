"""Signals end the command at any moment, also where Python or a package swallows what they raise."""

import signal
import subprocess
import sys

import pytest

from shared import wiring

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
RUN = """
import time
from creatives import command

def ready():
    print("ready", flush=True)
    time.sleep(600)

def run():
{swallowing}
    try:
        time.sleep(600)
    finally:
        for _ in range(8):
            time.sleep(0.1)  # longer than it is patient
        print("cleared up", flush=True)

command._run = run
command.main()
"""


@pytest.mark.parametrize("by", SWALLOWED_BY)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
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
