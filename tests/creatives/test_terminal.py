"""What the command writes for people is for terminals: nothing of it reaches a log or a pipe."""

import io

import pytest
import typer

from creatives import terminal


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
