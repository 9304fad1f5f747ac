"""The tables' schemas, generated from the events: infra/schemas/*.json, which Terraform and the local BigQuery read.
What the views say of each feature (corrected.py) is written with them.

    python -m generate.schemas           writes them
    python -m generate.schemas --check   prints what differs and exits 1 if anything does
    python -m generate.schemas --release notes them in infra/released/: later ones may only grow out of those

A required field becomes a REQUIRED column, a list a REPEATED one. What may be null or has a default is NULLABLE, since
messages of an older publisher lack it; so is every column within a record, since BigQuery adds no REQUIRED column to a
table that exists. `FEATURES` names the feature model whose answers the `features` table holds.

Files only grow (growth.py): a column that stood stays, whatever model is in use now, since its rows do.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, Field
from pydantic_settings import BaseSettings

from generate import corrected
from generate.growth import Column, SchemaChangeError, faults, grown
from shared import features, wiring
from shared.events import EVENTS, FeaturesExtracted
from shared.wiring import Pipeline

FOLDER = wiring.ROOT / "infra" / "schemas"
RELEASED = wiring.ROOT / "infra" / "released"
"""The schema files of the last release: what tables that people have look like."""


class UnsupportedTypeError(TypeError):
    """A field's type has no column type; the message names the field, its type and what can be used."""


class RawAd(BaseModel):
    """A row of the table that users fill with their ads, where they bring none of their own; all columns are theirs."""

    ad_id: str = Field(description="Your own name for the ad.")
    url: str | None = Field(default=None, description="The address of its creative: the file itself, not a page.")
    video_url: str | None = Field(default=None, description="A second creative; see RAW_ADS_URL_COLUMNS.")
    campaign: str | None = Field(default=None, description="The campaign that it runs in.")
    impressions: int | None = Field(default=None, description="How often it was shown.")
    clicks: int | None = Field(default=None, description="How often it was clicked.")
    spend_usd: Decimal | None = Field(default=None, description="What showing it cost.")
    created_at: datetime | None = Field(default=None, description="When the ad was made.")


class DeadLetter(BaseModel):
    """A message that was given up, as a BigQuery subscription with `write_metadata` writes it.

    https://docs.cloud.google.com/pubsub/docs/bigquery#write_metadata (read in November 2026); `attributes` may be JSON
    or STRING there, and STRING is what can be loaded everywhere.
    """

    subscription_name: str = Field(description="The subscription that wrote this row, not the one that gave up.")
    message_id: str = Field(description="Of the dead letter itself.")
    publish_time: AwareDatetime = Field(description="When it was given up.")
    attributes: str = Field(
        description="A JSON object: the message's own, and CloudPubSubDeadLetterSource… of where it was given up."
    )
    ordering_key: str | None = Field(default=None, description="Of its topic, where that has any: ours have none.")
    data: str | None = Field(default=None, description="The message: an event, a batch or a notification, as JSON.")


class _FeatureModel(BaseSettings):
    """Which feature model is in use; `extract` reads the same variable."""

    features: str = features.DEFAULT


_UNWIRED: Mapping[str, type[BaseModel]] = {"raw_ads": RawAd, "dead_letters": DeadLetter}

_TYPES: Mapping[type, str] = {
    bool: "BOOLEAN",  # before int, of which it is a subclass
    StrEnum: "STRING",
    IntEnum: "INTEGER",
    str: "STRING",
    int: "INTEGER",
    float: "FLOAT",
    Decimal: "NUMERIC",
    datetime: "TIMESTAMP",  # before date, of which it is a subclass
    AwareDatetime: "TIMESTAMP",
    date: "DATE",
}


def schemas(wired: Pipeline, feature_model: type[BaseModel]) -> dict[str, list[Column]]:
    """The columns of every table, by the name of its schema file.

    Raises:
        UnsupportedTypeError: when a field of an event, or of the feature model, has no column type.
    """
    events: dict[str, type[BaseModel]] = {event.__name__: event for event in EVENTS}
    events[FeaturesExtracted.__name__] = features.features_event(feature_model)
    models = dict(_UNWIRED)
    for subscription in wired.bigquery_subscriptions.values():
        event = wired.topics[subscription.topic].event
        if event and not subscription.raw:
            models[subscription.table] = events[event]
    return {table.schema_file: columns_of(models[name]) for name, table in wired.tables.items()}


def columns_of(model: type[BaseModel]) -> list[Column]:
    """The columns of a table whose rows are `model` as JSON, as `model_dump_json(exclude_none=True)` writes it.

    Raises:
        UnsupportedTypeError: when a field has no column type.
    """
    return list(_columns(model, within=()))


def _columns(model: type[BaseModel], within: tuple[type[BaseModel], ...]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        where = f"{model.__name__}.{name}"
        kind, repeated, nullable = _shape(field.annotation, where)
        type_name, fields = _type(kind, where, (*within, model))
        required = field.is_required() and not nullable and not within
        column: Column = {"name": name, "type": type_name}
        column["mode"] = "REPEATED" if repeated else "REQUIRED" if required else "NULLABLE"
        if field.description:
            column["description"] = field.description
        if fields:
            column["fields"] = fields
        yield column


def _shape(annotation: Any, where: str) -> tuple[Any, bool, bool]:  # noqa: ANN401
    """What a column holds, whether it holds many of it, and whether it may be null."""
    kind, nullable = _without_none(annotation, where)
    if get_origin(kind) not in (list, tuple, set, frozenset):
        return kind, False, nullable
    element, holes = _without_none(get_args(kind)[0], where)
    if holes or get_origin(element) in (list, tuple, set, frozenset) or get_args(kind)[1:] not in ((), (...,)):
        raise _unsupported(annotation, where)
    return element, True, nullable


def _without_none(annotation: Any, where: str) -> tuple[Any, bool]:  # noqa: ANN401
    """The type within aliases, constraints and `| None`, and whether it may be None."""
    if isinstance(annotation, TypeAliasType):
        return _without_none(annotation.__value__, where)
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0], where)
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    kinds = [argument for argument in get_args(annotation) if argument is not NoneType]
    if len(kinds) > 1:
        raise _unsupported(annotation, where)
    return _without_none(kinds[0], where)[0], True


def _type(kind: Any, where: str, within: tuple[type[BaseModel], ...]) -> tuple[str, list[Column]]:  # noqa: ANN401
    """The column type, and for a model its fields."""
    if get_origin(kind) is Literal:
        (kind, *others) = {type(value) for value in get_args(kind)}
        if others:
            raise _unsupported(kind, where)
    if not isinstance(kind, type) or kind in within:
        raise _unsupported(kind, where)
    if issubclass(kind, BaseModel):
        return "RECORD", list(_columns(kind, within))
    for known, name in _TYPES.items():
        if issubclass(kind, known):
            return name, []
    raise _unsupported(kind, where)


def _unsupported(kind: Any, where: str) -> UnsupportedTypeError:  # noqa: ANN401
    return UnsupportedTypeError(
        f"{where}: {kind} has no column type. Use str, int, float, bool, Decimal, datetime, date, a StrEnum, a "
        "Literal, a model that does not contain itself, or a list of one of these; `| None` where it may be missing."
    )


def as_text(columns: list[Column]) -> str:
    """A schema file's content."""
    return json.dumps(columns, indent=2, ensure_ascii=False) + "\n"


def write(wanted: Mapping[str, list[Column]], folder: Path = FOLDER) -> None:
    """Writes the schema files, each grown by what is new, and removes those that are no table's any more.

    Raises:
        SchemaChangeError: when a column would have another type than it has; nothing is written then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in _grown(wanted, folder).items():
        (folder / name).write_text(as_text(columns))
    for stale in {path.name for path in folder.glob("*.json")} - wanted.keys():
        (folder / stale).unlink()


def _grown(wanted: Mapping[str, list[Column]], folder: Path) -> dict[str, list[Column]]:
    return {name: grown(read(folder / name), columns, Path(name).stem) for name, columns in wanted.items()}


def read(file: Path) -> list[Column] | None:
    """The columns of a schema file; None where there is none."""
    if not file.exists():
        return None
    columns: list[Column] = json.loads(file.read_text())
    return columns


def differences(wanted: Mapping[str, list[Column]], folder: Path = FOLDER) -> str:
    """A unified diff from the files to what they should be; empty where they are up to date.

    Raises:
        SchemaChangeError: when a column would have another type than it has.
    """
    lines: list[str] = []
    after_growth = _grown(wanted, folder)
    for name in sorted(wanted.keys() | {path.name for path in folder.glob("*.json")}):
        path = folder / name
        before = path.read_text().splitlines(keepends=True) if path.exists() else []
        after = as_text(after_growth[name]).splitlines(keepends=True) if name in wanted else []
        lines += difflib.unified_diff(before, after, f"{name} (file)", f"{name} (events)")
    return "".join(lines)


def shrunk(released: Path = RELEASED, folder: Path = FOLDER) -> list[str]:
    """What tables of the last release could not become: whatever is dropped, retyped, or newly REQUIRED."""
    found = ((path.stem, read(path) or [], read(folder / path.name)) for path in sorted(released.glob("*.json")))
    return [fault for table, before, after in found for fault in faults(before, after or [], table)]


def release(released: Path = RELEASED, folder: Path = FOLDER) -> None:
    """Notes the schema files as released."""
    released.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        (released / path.name).write_text(path.read_text())


def main() -> None:
    """Writes the files, or compares them with what they should be."""
    parser = argparse.ArgumentParser(prog="python -m generate.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a file is out of date")
    parser.add_argument("--release", action="store_true", help="note the files as released")
    arguments = parser.parse_args()
    try:
        model = features.load(_FeatureModel().features)
        _run(schemas(wiring.load(), model), model, check=arguments.check)
    except (SchemaChangeError, UnsupportedTypeError, features.FeatureModelError) as error:
        sys.exit(str(error))
    if arguments.release:
        release()


def _run(wanted: Mapping[str, list[Column]], model: type[BaseModel], *, check: bool) -> None:
    in_views = corrected.parts(_grown(wanted, FOLDER)["features.json"], model)
    if not check:
        write(wanted)
        for part, made in in_views.items():
            part.write(made)
        return
    difference = differences(wanted) + "".join(part.difference(made) for part, made in in_views.items())
    if difference:
        sys.exit(f"{difference}\nThe schema files are out of date: run `make schemas`.")
    lost = shrunk()
    if lost:
        sys.exit("\n".join([*lost, "Tables of the last release could not become these: take the change back."]))


if __name__ == "__main__":
    main()
