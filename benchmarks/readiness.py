"""How long `creatives up` takes until it is ready, on a new folder and on the same again.

    python -m benchmarks.readiness [--runs 3]

Ready is when the folder's `env` is there: servers answer, tables are as they should be, subscriptions are wired. Told
are the time by the clock and of all processors, by server. The first start of a checkout compiles what is imported and
makes the tables, ten seconds of processor time more: it is not counted.

On 1 December 2026, on two cores at a load of 12, a start took 4.8 s of all processors, on either folder. What it is
made of, and what of it cannot go, docs/operations.md says.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.gate import Spent
from benchmarks.results import servers

type Told = dict[str, float]
"""Seconds, by what took them."""


def started(data: Path) -> Told:
    """One start and its end."""
    spent, began = Spent(), time.monotonic()
    spent.since()
    command = [str(Path(sys.executable).with_name("creatives")), "up", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        while not (data / "env").exists():
            if process.poll() is not None:
                raise RuntimeError((process.stdout.read() if process.stdout else b"").decode())
            time.sleep(0.01)
        clock, processors = time.monotonic() - began, spent.since()
        told = {name: seconds for name, (seconds, _) in servers().items()}
        process.send_signal(signal.SIGINT)
        process.communicate()
    rest = processors - sum(told.values())
    return {"the clock": clock, "all processors": processors, **told, "the command and Cloud Storage": rest}


def main() -> None:
    """Prints the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started(Path(folder) / "first")
        new, again = list[Told](), list[Told]()
        for run in range(options.runs):
            new.append(started(Path(folder) / str(run)))
            again.append(started(Path(folder) / str(run)))
    print(f"{'':32}{'a new folder':>14}{'the same again':>16}")
    for what in new[0]:
        print(f"{what:32}{median(each[what] for each in new):12.2f} s{median(each[what] for each in again):14.2f} s")


if __name__ == "__main__":
    main()
