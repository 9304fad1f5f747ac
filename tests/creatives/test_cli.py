"""What `creatives` says of itself: its verbs in the order of work, and its version."""

import re
from importlib.metadata import version

from typer.testing import CliRunner

from creatives.cli import app


def test_verbs_are_listed_in_the_order_of_work() -> None:
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100"}).stdout

    listed = re.findall(r"^│ ([a-z][a-z-]+)  ", said, re.M)

    assert listed[:4] == ["demo", "analyze", "up", "report"]
    assert sorted(listed) == sorted(
        {
            str(command.name or command.callback.__name__).replace("_", "-")
            for command in app.registered_commands
            if command.callback
        }
    )


def test_the_version_is_said() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"creatives {version('creatives')}\n"
