"""What the command writes for people is for terminals: nothing of it reaches a log or a pipe."""

import io
from pathlib import Path

import pytest
import typer

from creatives import terminal
from local import processes
from local.running import Running


def test_a_bar_of_progress_leaves_nothing_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress_bar() as progress:
        task = progress.add_task("loading", total=2)
        progress.advance(task)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("typed", "agrees", "told"),
    [
        ("y\n", True, ""),
        ("n\n", False, "nothing is erased"),
        ("", None, "nothing is erased: nobody answered; --yes does not ask"),
    ],
)
def test_whoever_is_asked_and_does_not_agree_is_told_what_that_means(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, agrees: bool | None, told: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    if agrees is None:
        with pytest.raises(typer.Exit):
            terminal.agreed("Erase it?", otherwise="nothing is erased")
    else:
        assert terminal.agreed("Erase it?", otherwise="nothing is erased") is agrees

    said = capsys.readouterr()
    assert said.out.strip() == ""
    assert said.err.startswith("Erase it? [y/N]:")
    assert told in said.err


@pytest.mark.parametrize("ended", [KeyboardInterrupt(), SystemExit(143)], ids=["Ctrl-C", "SIGTERM"])
def test_whoever_ends_a_command_is_told_at_once_that_it_stops_and_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ended: BaseException
) -> None:
    server = processes.start("own", ["sleep", "60"], log_folder=tmp_path)
    told = []
    try:
        for servers in ({"own": server}, {}):
            with pytest.raises(type(ended)), terminal.end_told(Running(tmp_path, {}, servers), "all is kept"):
                raise ended
            told.append(" ".join(capsys.readouterr().err.split()))
    finally:
        server.stop()

    assert told == ["stopping: all is kept", "not waiting any longer; the pipeline that runs goes on: all is kept"]
