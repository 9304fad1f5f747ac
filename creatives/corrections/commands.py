"""`creatives correct`, `split`, `merge` and `reset`: what people know better than a model, or than a comparison."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ValidationError

from creatives import terminal
from creatives.corrections import reviewing, ruling, saying
from creatives.operations import naming
from creatives.operations.tables import Tables
from creatives.terminal import (
    DEFAULT_DATA,
    CreativeArgument,
    DataOption,
    DatasetOption,
    MostUsdOption,
    NoteOption,
    ProjectOption,
)
from shared import clients, corrections, features
from shared.events import Correction, Event, Kind, Override
from shared.stage import explain

_PATIENCE_S = 10.0  # for what was said to be written


def correct(
    creative_id: CreativeArgument,
    words: Annotated[
        list[str],
        typer.Argument(metavar="FIELD=VALUE...", help="E.g. price=19.99; nothing after =: it cannot be told."),
    ],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct features: this is what the creative shows, whatever a model says of it now or later.

    A pipeline has to run (`creatives up`); fields of a taxonomy are those of the one that it asks by.
    """
    variables = terminal.attached(data).variables
    [(creative_id, kind)] = _known(variables, creative_id)
    model = saying.asked_model(data)
    said = _words(model, kind, words)
    values = ({"field": field, "value": value} for field, value in said.items())
    events = [_said(Correction, creative_id=creative_id, note=note, **each) for each in values]
    told = saying.current(_tables(variables), events)
    as_before = saying.standing(told, model, events)
    price_text = None if "price" in as_before else saying.price_text_left(told, events)
    _publish(variables, events)
    for field, value in said.items():
        again = ", as it says already: that is confirmed" if field in as_before else ""
        terminal.messages.print(f"{field}: {'cannot be told' if value is None else value}{again}", markup=False)
    if price_text:
        terminal.messages.print(f"price_text: it says “{price_text}” still; correct it, too", markup=False)
    _tell_what_holds(variables, events)


def _tell_what_holds(variables: Mapping[str, str], events: Sequence[Correction]) -> None:
    """Says which of the words hold not: as others are later, so that they are kept and change nothing; or not yet."""
    if not saying.wait_until_written(_tables(variables), events, limit_s=_PATIENCE_S):
        terminal.messages.print("on its way: it holds as soon as the pipeline has written it")
    for told in saying.later(_tables(variables), events):
        terminal.messages.print(told, markup=False)


def _words(model: type[BaseModel], kind: Kind, typed: Sequence[str]) -> dict[str, str | None]:
    """What is said of each field; ends with all that is wrong, a line each."""
    said: dict[str, str | None] = {}
    faults: list[str] = []
    for each in typed:
        field, equals, value = (part.strip() for part in each.partition("="))
        if not equals:
            faults.append(f"{each}: write FIELD=VALUE, e.g. price=19.99")
        elif field in said:
            faults.append(f"{field}: it is said twice; say it once")
        else:
            said[field] = None
            try:
                said[field] = corrections.word(model, kind, field, value)
            except corrections.NoSuchFieldError as error:
                end = "" if str(error).endswith("?") else "."
                faults.append(f"{error}{end} {_OF_ANOTHER}")
            except corrections.NotAllowedError as error:
                faults.append(str(error))
    if faults:
        raise terminal.failed("\n".join(faults))
    return said


NOTHING_LEFT = "nothing is left to review: each answer was confirmed or corrected, or there is none yet"
_OF_ANOTHER = "Of another taxonomy? Start the pipeline with that: `creatives up --taxonomy FILE`"


def split(creative_id: CreativeArgument, note: NoteOption = None, data: DataOption = DEFAULT_DATA) -> None:
    """Correct a match: this creative is no duplicate, but its own canonical."""
    _correct_match(data, creative_id=creative_id, action="split", note=note)


def merge(
    creative_id: CreativeArgument,
    canonical_id: Annotated[str, typer.Argument(help="The creative whose features hold for it.")],
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Correct a match: this creative is a duplicate of another."""
    _correct_match(data, creative_id=creative_id, action="merge", canonical_id=canonical_id, note=note)


def reset(
    creative_id: CreativeArgument,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD]...", help="Features; without any, split and merge.")
    ] = None,
    note: NoteOption = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Take corrections back: what was found without them holds again, of the features named, or of the match."""
    if not fields:
        _correct_match(data, creative_id=creative_id, action="reset", note=note)
        return
    variables = terminal.attached(data).variables
    [(creative_id, kind)] = _known(variables, creative_id)
    asked = features.model_for(kind, saying.asked_model(data))
    told = saying.corrected(_tables(variables), creative_id)
    unknown = [field for field in fields if field not in told and field not in asked.model_fields]
    if unknown:
        known = f"corrected are {', '.join(told)}" if told else "nothing of it is corrected"
        raise terminal.failed(f"{unknown[0]}: there is no such feature; {known}")
    values = ({"field": field, "action": "reset"} for field in fields)
    events = [_said(Correction, creative_id=creative_id, note=note, **each) for each in values]
    _publish(variables, events)
    for field in fields:
        was = "" if field in told else ", of which no correction is known"
        terminal.messages.print(f"reset: {field} of {creative_id}{was}", markup=False)
    _tell_what_holds(variables, events)


def _correct_match(data: Path, **correction: str | None) -> None:
    """Publishes an override; like every event it is kept, and the newest one of a creative holds."""
    variables = terminal.attached(data).variables
    named = {role: id for role, id in correction.items() if id and role in ("creative_id", "canonical_id")}
    ids = [creative_id for creative_id, _ in _known(variables, *named.values())]
    if len({*ids}) < len(ids):
        raise terminal.failed(f"{ids[0]}: a creative cannot be merged with itself: name two")
    event = _said(Override, **correction | dict(zip(named, ids, strict=True)))
    now = ruling.matches(_tables(variables), ids)
    try:
        ruling.require_no_circle(event, now)
    except ruling.CircleError as error:
        raise terminal.failed(f"{error}: `creatives split {ids[1]}`") from error
    _publish(variables, [event])
    for sentence in ruling.told(event, now):
        terminal.messages.print(f"{event.action}: {event.creative_id}: {sentence}", markup=False)


def _said[T: Event](event: type[T], **values: str | None) -> T:
    """What this user says, as an event; ends with a sentence where that cannot be."""
    try:
        return saying.event(event, **values)
    except ValidationError as error:
        raise terminal.failed(explain(error)) from error


def _publish(variables: Mapping[str, str], events: Iterable[Event]) -> None:
    clients.publish(variables["GOOGLE_CLOUD_PROJECT"], list(events))


def _tables(variables: Mapping[str, str]) -> Tables:
    return Tables.of(f"{variables['GOOGLE_CLOUD_PROJECT']}.{variables['DATASET']}")


def _known(variables: Mapping[str, str], *named: str) -> list[tuple[str, Kind]]:
    """The creatives' ids, and what they are; ends with a sentence where one has not been compared with others."""
    tables = _tables(variables)
    ids = terminal.whole_ids(tables, *named)
    known = saying.kinds(tables, ids)
    unknown = [creative_id for creative_id in ids if creative_id not in known]
    if unknown:
        raise terminal.failed(naming.unknown(unknown[0]))
    return [(creative_id, known[creative_id]) for creative_id in ids]


def review(
    most: Annotated[int, typer.Option(min=1, help="How many creatives at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="List them as JSON lines instead of asking.")] = False,
    most_usd: MostUsdOption = 1.0,
    project: ProjectOption = None,
    dataset: DatasetOption = "creatives",
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Look at the answers that are least sure, and confirm or correct each feature with a key.

    A creative comes again as long as something is told of it that nobody had a word on. What you say is in the dataset,
    with who and when; `creatives evaluate --corrections` judges by it. A project's are listed.
    """
    if project or as_json or not sys.stdin.isatty():
        if not (project or as_json):
            terminal.say("listed only: keys are read from a terminal; `creatives correct` takes words from a script")
        with terminal.asked(data, project, dataset, most_usd) as tables:
            _list(reviewing.rows(tables, most, None if project else data), as_json=as_json)
        return
    variables = terminal.attached(data).variables
    found = reviewing.rows(_tables(variables), most, data)
    model = saying.asked_model(data)
    if found:
        terminal.say("  ".join(f"{key} {what}" for key, what in reviewing.KEYS.items()))
    words = 0
    for word in reviewing.review(found, model, terminal.write_line, typer.getchar, _typed):
        _publish(variables, [word])
        words += 1
    terminal.say(f"{words} confirmed or corrected" if found else NOTHING_LEFT)


def _list(found: Sequence[reviewing.Row], *, as_json: bool) -> None:
    if not (found or as_json):
        terminal.say(NOTHING_LEFT)
    for row in found:
        asked = reviewing.items(row)
        if as_json:
            told = [{"field": each.field, "value": each.value, "verdict": each.verdict} for each in asked]
            known = {"creative_id": row["creative_id"], "confidence": row["confidence"], "features": told}
            terminal.write_line(json.dumps(known, ensure_ascii=False))
        else:
            terminal.write_line(reviewing.heading(asked[0]))
            for each in asked:
                terminal.write_line(f"  {each.sentence}")


def _typed(item: reviewing.Item) -> str:
    """What is typed in the place of what a feature says: that again where nothing is."""
    stands = corrections.typed(item.value)
    listed = '; a list as ["one", "two, three"], or one, two' if isinstance(item.value, list) else ""
    prompt = f"  {item.field} should say (Enter: leave it; null: it cannot be told{listed})"
    return str(typer.prompt(prompt, default=stands, show_default=False))


COMMANDS = (correct, review, split, merge, reset)
