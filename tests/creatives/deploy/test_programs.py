"""A program that is run for a deployment ends by itself, whenever somebody wants the deployment to end."""

import signal
import subprocess
from pathlib import Path

import pytest

from creatives.deploy import programs


class Interrupted(subprocess.Popen[str]):
    """Ctrl-C comes when the program runs, before whoever starts it knows."""

    number = signal.SIGINT

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[call-overload]
        signal.raise_signal(self.number)


def test_ctrl_c_while_the_program_starts_leaves_it_the_time_to_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        programs._run("sh", "-c", f"sleep 0.3; touch {tmp_path}/noted", otherwise="")

    assert (tmp_path / "noted").exists()
    assert "waiting until sh has ended" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) == before


def test_sigterm_while_the_program_starts_is_the_program_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interrupted, "number", signal.SIGTERM)
    monkeypatch.setattr(subprocess, "Popen", Interrupted)

    with pytest.raises(KeyboardInterrupt):
        programs._run("sleep", "600", otherwise="")
