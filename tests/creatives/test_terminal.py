"""What the command writes for people is for terminals: nothing of it reaches a log or a pipe."""

import pytest

from creatives import terminal


def test_a_bar_of_progress_leaves_nothing_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress_bar() as progress:
        task = progress.add_task("loading", total=2)
        progress.advance(task)

    assert capsys.readouterr() == ("", "")
