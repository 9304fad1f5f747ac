"""`creatives find`, `show` and `mcp`: creatives by what they show, for people and for their assistants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from creatives import terminal
from creatives.agents import meaning, telling
from creatives.agents.asking import MOST, NotKnownError, Questions
from creatives.agents.meaning import Meanings, NotAnsweredError
from creatives.agents.pictures import NoPictureError, Picture
from creatives.operations import naming
from creatives.operations.tables import Tables, TooDearError
from creatives.terminal import DEFAULT_DATA, CreativeArgument, DataOption, DatasetOption, MostUsdOption, ProjectOption
from local import reading
from local.processes import ServerError
from shared.counting import many
from shared.models.settings import GeminiSettings
from shared.reasons import Rejected


def find(
    words: Annotated[
        list[str] | None, typer.Argument(help="What they show, in any language: text, brand, promotion, style.")
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="ID|FILE",
            help="Those like a creative, or a picture or film here: the same, what looks like it, what says the like "
            "of the words in it; with vectors of `embed` and a key what their model finds like it (0.012 cents).",
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout.")] = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Find creatives by what they show, by words and by meaning; those that have all words first, copies as one."""
    if words is not None and not "".join(words).strip() and not like:
        raise terminal.failed("there are no words to look for: say some, as in `creatives find red shoes`")
    if bool(words) == bool(like):
        raise terminal.failed("say words to look for, or --like with the id of a creative or a picture, one of both")
    questions = _questions(data, project, dataset, most_usd)
    with _faults_told(data):
        found = (_like(questions, like, most) if like else questions.find(" ".join(words or ()), most))["creatives"]
    for row in found:
        if as_json:
            terminal.write_json(json.dumps(row, ensure_ascii=False))
        else:
            terminal.write_line(line(row))
    if not as_json and (note := _note(found, by_words=not like)):
        terminal.messages.print(note, markup=False, highlight=False)


def show(
    creative_id: CreativeArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object on stdout.")] = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Show what is known of a creative that `find` lists: what it shows, whose copy it is, and the ads that use it."""
    if not naming.is_named(creative_id):
        raise terminal.failed(f"{creative_id}: no id of a creative; `creatives find` tells ids by words")
    questions = _questions(data, project, dataset, most_usd)
    with _faults_told(data):
        known, ads = questions.creative(creative_id), questions.ads_of(creative_id, MOST)
    if as_json:
        terminal.write_json(json.dumps(known | ads, ensure_ascii=False))
        return
    for line_ in telling.lines(known, ads):
        terminal.write_line(line_)


@contextmanager
def _faults_told(data: Path) -> Iterator[None]:
    """What keeps a question from being answered, in a sentence."""
    try:
        yield
    except (NotKnownError, NoPictureError, Rejected, TooDearError, ServerError) as error:
        raise terminal.failed(str(error)) from error
    except OSError as error:
        raise terminal.failed(f"what creatives mean cannot be kept in {data / meaning.FOLDER}: {error}") from error
    except NotAnsweredError as error:
        raise terminal.failed(f"{error}; without GEMINI_API_KEY vectors of what is said serve") from error
    except (GoogleAPIError, GoogleAuthError) as error:
        raise terminal.failed(f"the dataset cannot be read: {error}") from error


_NOTHING_NAMED = (
    "no creative has most of these words, or means the like: look for fewer or other words; "
    "`creatives report --open` shows all there are"
)
_NOTHING_LIKE = "no creative is like it: look for words that it has, as in `creatives find red shoes`"
_NONE_NAMED = (
    "none of them has all of these words: they mean the like, by what is known of each. Without Gemini that is what is "
    "read in a creative, not what it shows"
)


def _note(found: list[dict[str, Any]], *, by_words: bool) -> str | None:
    """What is said beside creatives that were found, or instead of them."""
    if not found:
        return _NOTHING_NAMED if by_words else _NOTHING_LIKE
    return _NONE_NAMED if by_words and not any("n_words" in row for row in found) else None


def _like(questions: Questions, like: str, most: int) -> dict[str, Any]:
    """Those like a creative, or like a picture of this machine, of which is told what is done with it."""
    path = Path(like)
    if path.is_dir():
        raise terminal.failed(f"{like}: a folder; name a picture or a film in it")
    if not path.is_file() and not naming.is_named(like):
        raise terminal.failed(f"{like}: no such file, and no id of a creative (as `find` tells them)")
    return questions.like_picture(Picture(path, terminal.say), most) if path.is_file() else questions.like(like, most)


def mcp(
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Let an assistant ask about the dataset, by the Model Context Protocol on stdin and stdout; it changes nothing."""
    from creatives.agents.server import server

    if not project:
        _require_dataset(data)  # now, not when the assistant asks: whoever set it up reads what is wrong
    server(_questions(data, project, dataset, most_usd)).run("stdio")


def _require_dataset(data: Path) -> None:
    try:
        reading.dataset_in(data)
    except ServerError as error:
        raise terminal.failed(str(error)) from error


def _questions(data: Path, project: str | None, dataset: str, most_usd: float) -> Questions:
    return Questions(
        lambda: terminal.tables(data, project, dataset, most_usd),
        lambda tables: _meanings(tables, data),
        bool(project),
    )


def _meanings(tables: Tables, data: Path) -> Meanings:
    """What all creatives mean: by the vectors that `embed` has made, where their model can be asked.

    Else by vectors of their words: what is new is computed here, and kept in the folder.
    """
    settings = _asking_gemini(tables)
    if settings.can_ask:
        from creatives.agents.embedded import Embedded  # Google's client of models takes a second to import

        if embedded := Embedded.of(tables, settings):
            return embedded
    with terminal.progress_bar() as progress:
        task = progress.add_task("reading what is new", total=None)
        return meaning.current(
            tables,
            meaning.file_of(data, tables.name),
            lambda done, total: progress.update(task, completed=done, total=total),
        )


def _asking_gemini(tables: Tables) -> GeminiSettings:
    """How the environment says that Gemini is asked, if at all. No bucket is used."""
    unused = {f"{name}_bucket": "not-used" for name in ("creatives", "results", "staging")}
    return GeminiSettings.load(google_cloud_project=tables.name.partition(".")[0], **unused)


def line(row: dict[str, object]) -> str:
    """One that was found: its id, file and kind where they are known, its ads, what it says, people's tags."""
    shown = row.get("from_ads")
    features, name = (shown.get("features"), shown.get("name")) if isinstance(shown, dict) else (None, None)
    text = features.get("text") if isinstance(features, dict) else None
    said = text.get("value") if isinstance(text, dict) else text
    unread = isinstance(features, dict) and features.get("has_text") is True
    without = "text that cannot be read here" if unread else "no text"
    quoted = " / ".join(str(said).split("\n")) if said else without
    tags = row.get("tags")
    tagged = f" [{', '.join(map(str, tags))}]" if isinstance(tags, list) and tags else ""
    kind = row.get("kind", "not analysed")
    called = f"{name}, " if name and not str(row["creative_id"]).startswith(name) else ""
    return f"{row['creative_id']}  {called}{kind}, {many(int(str(row['n_ads'])), 'ad')}: {quoted}{tagged}"


COMMANDS = (find, show, mcp)
