"""`creatives find` and `creatives mcp`: creatives by what they show, for people and for their assistants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from creatives import terminal
from creatives.agents.asking import MOST, Questions
from creatives.operations.tables import Tables
from creatives.terminal import DEFAULT_DATA, DataOption, DatasetOption, ProjectOption
from local import reading
from local.processes import ServerError


def find(
    words: Annotated[list[str], typer.Argument(help="Words of what they show: text, brand, promotion, style.")],
    most: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout.")] = False,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Find creatives by words of what they show; those that have most of the words first, copies as one."""
    try:
        found = Questions(lambda: _tables(data, project, dataset)).find(" ".join(words), most)["creatives"]
    except (ServerError, GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(f"the dataset cannot be read: {error}") from error
    for row in found:
        if as_json:
            terminal.write_json(json.dumps(row, ensure_ascii=False))
        else:
            terminal.write_line(_line(row))
    if not found and not as_json:
        terminal.messages.print("no creative has any of these words")


def mcp(
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Let an assistant ask about the dataset, by the Model Context Protocol on stdin and stdout; it changes nothing."""
    from creatives.agents.server import server

    if not project:
        _require_dataset(data)  # now, not when the assistant asks: whoever set it up reads what is wrong
    server(Questions(lambda: _tables(data, project, dataset))).run("stdio")


def _require_dataset(data: Path) -> None:
    try:
        reading.dataset_in(data)
    except ServerError as error:
        raise terminal.failed(str(error)) from error


@contextmanager
def _tables(data: Path, project: str | None, dataset: str) -> Iterator[Tables]:
    """The dataset, as long as a question takes."""
    with terminal.dataset(data, project, dataset) as name:
        yield Tables.of(name)


def _line(row: dict[str, object]) -> str:
    shown = row.get("from_ads")
    features = shown.get("features") if isinstance(shown, dict) else None
    text = features.get("text") if isinstance(features, dict) else None
    said = text.get("value") if isinstance(text, dict) else text
    quoted = " / ".join(str(said).split("\n")) if said else "no text"
    n_ads = row["n_ads"]
    return f"{row['creative_id']}  {row['kind']}, {n_ads} {'ad' if n_ads == 1 else 'ads'}: {quoted}"


COMMANDS = (find, mcp)
