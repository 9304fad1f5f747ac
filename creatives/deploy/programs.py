"""gcloud and Terraform, run as a person would: what they print is shown, and a failure says what to do next."""

import json
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from creatives.deploy import messages
from shared import wiring

INFRA = wiring.ROOT / "infra"


class DeployError(Exception):
    """The deployment cannot go on; the message says what to do."""


class CommandFailedError(DeployError):
    """A command failed.

    Attributes:
        said: what it printed about it.
    """

    def __init__(self, command: str, said: str, otherwise: str) -> None:
        advice = messages.advice(said) or otherwise
        super().__init__(f"- failed: {command}\n    {advice}")
        self.said = said


def tell(text: str) -> None:
    """Says what goes on, on stderr, in its order among what the programs print."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def gcloud(*arguments: str, project: str, otherwise: str) -> None:
    """Runs gcloud; `otherwise` is the advice where its message is none that is known.

    Raises:
        CommandFailedError: when it fails.
    """
    _run("gcloud", *arguments, f"--project={project}", "--quiet", otherwise=otherwise)


def terraform(*arguments: str, otherwise: str) -> None:
    """Runs Terraform in infra/; `otherwise` is the advice where its message is none that is known.

    Raises:
        CommandFailedError: when it fails.
    """
    _run("terraform", f"-chdir={INFRA}", *arguments, otherwise=otherwise)


def _run(*command: str, otherwise: str) -> None:
    tell(f"$ {' '.join(command)}")
    with (
        _HandedOn(command[0]).instead() as signals,  # before it starts: one that comes meanwhile is its as well
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process,
    ):
        signals.to(process)
        said = "".join(_shown(process))
        process.wait()
    if signals.came:
        raise KeyboardInterrupt
    if process.returncode:
        raise CommandFailedError(" ".join(command), said, otherwise)


class _HandedOn:
    """Signals to end, which are a program's while it runs: Terraform notes what it has made before it ends.

    Without its output read to the end it would be ended while it writes its state.

    Attributes:
        came: those that did.
    """

    def __init__(self, name: str) -> None:
        self.came: list[int] = []
        self._waiting: deque[int] = deque()
        self._name = name
        self._process: subprocess.Popen[str] | None = None

    @contextmanager
    def instead(self) -> Iterator[Self]:
        """In the block they do nothing else."""
        before = {number: signal.signal(number, self._come) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def to(self, process: "subprocess.Popen[str]") -> None:
        """Hands on to the program, which has started now, what came and comes."""
        self._process = process
        self._hand_on()

    def _come(self, number: int, _: object) -> None:
        self.came.append(number)
        if number != signal.SIGINT:  # which the terminal sends to the program as well: a second would end it at once
            self._waiting.append(number)
        self._hand_on()
        tell(f"deploy: waiting until {self._name} has ended: it notes what it has made")

    def _hand_on(self) -> None:
        """Each signal once, also where another one comes in the middle of this."""
        while self._process and self._waiting:
            with suppress(IndexError):
                self._process.send_signal(self._waiting.popleft())


def _shown(process: subprocess.Popen[str]) -> list[str]:
    """What the process prints as errors, each line shown as soon as it comes."""
    lines = []
    for line in process.stderr or ():
        sys.stderr.write(line)
        sys.stderr.flush()
        lines.append(line)
    return lines


def succeeds(*command: str) -> bool:
    """Whether a command that only asks succeeds; nothing is shown."""
    return subprocess.run([*command, "--quiet"], capture_output=True, check=False).returncode == 0


def answer(*command: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a gcloud command that only asks answers as JSON; None when it fails."""
    return parsed(*command, "--format=json", "--quiet")


def read(*arguments: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a Terraform command that only reads answers as JSON; None when it fails."""
    return parsed("terraform", f"-chdir={INFRA}", *arguments)


def parsed(*command: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The JSON that a command prints; None when it fails or prints none."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


def lines(*arguments: str) -> list[str]:
    """What a Terraform command that only reads prints, a line each; nothing when it fails."""
    command = ("terraform", f"-chdir={INFRA}", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
