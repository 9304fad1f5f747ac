"""The command itself killed, again and again, at any moment of it: `python -m tests.chaos.killing --kills 200`.

Before each kill an ad is added; the command is drawn (most often `analyze`), so is the signal, and the moment. After
each kill no process of it is left; in the end one last `analyze` settles every ad, each with exactly one row. Linux
alone: whose processes are whose is read from /proc.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared import wiring
from tests import pictures
from tests.e2e import pipelines

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL)
COMMANDS = ("status", "failures", "report", "export", "up")
MARK = "KILLED_BY_TEST"
GONE_S = 300.0
"""Until all has ended; by far more than it takes, for machines that do much else."""


@dataclass
class Outcome:
    """What became of the kills.

    Attributes:
        kills: how many by signal.
        ended_before: commands that had ended by themselves before their moment came.
        faults: what went wrong, a line each.
        ads: how many there were.
        statuses: the ads by status in the end.
        slowest_end_s: the longest that anything lived after its command had ended.
    """

    kills: Counter[str] = field(default_factory=Counter)
    ended_before: int = 0
    faults: list[str] = field(default_factory=list)
    ads: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    slowest_end_s: float = 0.0


class Killing:
    """A folder of ads, a data folder, and commands that are killed on it."""

    def __init__(self, place: Path, temporary: Path, seed: int) -> None:
        self.outcome = Outcome()
        self._ads = place / "ads"
        self._ads.mkdir()
        self._place, self._data, self._temporary = place, place / "data", temporary
        self._chance = random.Random(seed)
        self._mark = f"{seed}-{os.getpid()}-{time.time_ns()}"
        self._span_s: dict[str, float] = {}
        self._left_by_killed: set[Path] = set()

    def run(self, signals: Sequence[signal.Signals]) -> Outcome:
        """Kills by each of `signals` in turn, then counts."""
        self._add_ad()
        began = time.monotonic()
        pipelines.analyze(self._ads, data=self._data)
        self._span_s["analyze"] = time.monotonic() - began
        for number in signals:
            self._add_ad()
            while not self._kill_one(number):
                self.outcome.ended_before += 1
        self._count(pipelines.analyze(self._ads, data=self._data, variables={"TMPDIR": str(self._temporary)}))
        return self.outcome

    def _add_ad(self) -> None:
        number = self.outcome.ads
        content = pictures.encode(pictures.draw(320, 240, seed=number), "PNG") if number % 7 else b"no picture"
        (self._ads / f"ad-{number}.png").write_bytes(content + str(number).encode())
        self.outcome.ads += 1

    def _kill_one(self, number: signal.Signals) -> bool:
        """Whether the signal came while the command ran. One that was sooner at its end is known to be from then on."""
        name = self._chance.choice(COMMANDS) if self._chance.random() < 0.4 else "analyze"
        span_s = self._span_s.get(name, self._span_s["analyze"])
        delay_s = self._chance.uniform(0, span_s)
        what = f"{name}, {number.name} after {delay_s:.2f} of {span_s:.2f} s"
        began = time.monotonic()
        process = self._start(name)
        try:
            process.wait(delay_s)
            self._span_s[name] = time.monotonic() - began
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            self.outcome.kills[number.name] += 1
        killed = process.returncode is None
        self._look(what, process, number)
        return killed

    def _start(self, name: str) -> "subprocess.Popen[str]":
        arguments = {"analyze": [str(self._ads)], "report": ["--out", str(self._place / "page.html")]}
        arguments["export"] = ["--out", str(self._place / "ads.csv")]
        command = [str(pipelines.CREATIVES), name, *arguments.get(name, []), "--data", str(self._data)]
        env = pipelines.environment() | {MARK: self._mark, "TMPDIR": str(self._temporary)}
        return subprocess.Popen(
            command, cwd=wiring.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _look(self, what: str, process: "subprocess.Popen[str]", number: signal.Signals) -> None:
        """Notes whatever is not as it should be once the command has ended, and with it all that it started."""
        try:
            said, _ = process.communicate(timeout=GONE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said = f"it did not end within {GONE_S:.0f} s: {process.communicate()[0]}"
            self.outcome.faults.append(f"{what}: {said[-2000:]}")
        code = process.returncode
        if code not in {0, -number, 128 + number, 1 if number is signal.SIGINT else 0} or "Traceback" in said:
            self.outcome.faults.append(f"{what}: ended with {code}: {said[-2000:]}")
        sys.stderr.write(f"{what}: {code}\n")
        began = time.monotonic()
        while (left := _marked(self._mark)) and time.monotonic() - began < GONE_S:
            time.sleep(0.02)
        self.outcome.slowest_end_s = max(self.outcome.slowest_end_s, time.monotonic() - began)
        if left:
            self.outcome.faults.append(f"{what}: still there: {left}")
        files = {*self._temporary.glob("*/*")}
        if code == -number:  # it could not clear up: a later command does, once it has got so far
            self._left_by_killed |= {file for file in files if file.name.startswith("run-")}
        if left_too := files - self._left_by_killed:
            self.outcome.faults.append(f"{what}: temporary files left: {left_too}")

    def _count(self, results: Sequence[Mapping[str, Any]]) -> None:
        if files := [*self._temporary.glob("*/*")]:
            self.outcome.faults.append(f"temporary files left in the end: {files}")
        self.outcome.statuses.update(str(result["status"]) for result in results)
        counted = Counter(result["ad_id"] for result in results)
        if len(counted) != self.outcome.ads or set(counted.values()) != {1}:
            self.outcome.faults.append(f"{len(counted)} ads in {len(results)} rows of {self.outcome.ads} ads")


def _marked(mark: str) -> dict[int, str]:
    """The processes with that mark in their environment, which all that a command starts inherit."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def kill(place: Path, signals: Sequence[signal.Signals], seed: int) -> Outcome:
    """Kills by each of the signals in turn, on an empty folder."""
    with tempfile.TemporaryDirectory() as temporary:  # with a path that is short enough for sockets
        return Killing(place, Path(temporary), seed).run(signals)


def main() -> None:
    """Kills, and says what was left; ends with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.killing", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):  # started by nohup, or by a script in the background,
        signal.signal(each, signal.SIG_DFL)  # what is killed would rightly ignore it
    with tempfile.TemporaryDirectory() as place:
        outcome = kill(Path(place), [SIGNALS[each % len(SIGNALS)] for each in range(options.kills)], options.seed)
    sys.stdout.write(f"{outcome}\n")
    sys.exit(1 if outcome.faults or set(outcome.statuses) & {"pending"} else 0)


if __name__ == "__main__":
    main()
