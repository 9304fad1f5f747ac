"""The tables' schemas, generated from the events: infra/schemas/*.json, which Terraform and the local BigQuery read.
What the views say of each feature (shared/tables/corrected.py) is written with them.

    python -m generate.schemas           writes them
    python -m generate.schemas --check   prints what differs and exits 1 if anything does
    python -m generate.schemas --release notes them in infra/released/: later ones may only grow out of those

What becomes which column is said in shared/tables/columns.py. `FEATURES` names the feature model whose answers the
`features` table holds.

Files only grow (shared/tables/growth.py): a column that stood stays, whatever model is in use now, since its rows do.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, Field
from pydantic_settings import BaseSettings

from generate.pages import Part
from shared import features, wiring
from shared.events import EVENTS, FeaturesExtracted
from shared.tables import corrected
from shared.tables.columns import UnsupportedTypeError, columns_of
from shared.tables.growth import Column, SchemaChangeError, faults, grown
from shared.wiring import Pipeline

FOLDER = wiring.ROOT / "infra" / "schemas"
VIEWS = wiring.ROOT / "infra" / "views"
RELEASED = wiring.ROOT / "infra" / "released"
"""The schema files of the last release: what tables that people have look like."""


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


class KeptAd(BaseModel):
    """What a row of `ads`, `sightings` or `failures` tells of an ad, or all of them do: see `standing_ads`.

    No column is required, and none is wide: what is null is not billed.
    """

    ad: int | None = Field(default=None, description="Fingerprint of the ad's id and its address.")
    first_seen_at: AwareDatetime | None = Field(default=None, description="When it was first known.")
    sighted_at: AwareDatetime | None = Field(default=None, description="When it was last seen with a creative.")
    creative: int | None = Field(default=None, description="Fingerprint of that creative's id.")
    failed_at: AwareDatetime | None = Field(default=None, description="When it failed last, while that holds.")
    failed_alone: bool | None = Field(default=None, description="True for a failure that names no creative; or null.")
    failed_stage: str | None = Field(default=None, description="The stage that failed.")
    failed_reason: str | None = Field(default=None, description="Why.")


class KeptCreative(BaseModel):
    """What a row of a table tells of a creative, or all of them do: see `standing_creatives`."""

    creative: int | None = Field(default=None, description="Fingerprint of the creative's id.")
    taken_in_at: AwareDatetime | None = Field(default=None, description="When it last passed intake.")
    is_video: bool | None = Field(default=None, description="True for a video; or null.")
    fingerprinted_at: AwareDatetime | None = Field(default=None, description="When it last passed hash or probe.")
    decided_at: AwareDatetime | None = Field(
        default=None, description="When the decision of `dedup` that holds was made."
    )
    canonical: int | None = Field(default=None, description="Fingerprint of its canonical's id; null: itself.")
    is_duplicate: bool | None = Field(default=None, description="True where that was decided; or null.")
    by_override: bool | None = Field(default=None, description="True for a decision by a correction; or null.")
    revised_at: AwareDatetime | None = Field(default=None, description="When it was revised; null: never.")
    analysed_at: AwareDatetime | None = Field(default=None, description="When its newest features came.")
    cost_usd: Decimal | None = Field(default=None, description="What those cost.")
    failed_step: int | None = Field(default=None, description="How far it came before it failed.")
    failed_at: AwareDatetime | None = Field(default=None, description="When that was.")
    failed_stage: str | None = Field(default=None, description="The stage that failed.")
    failed_reason: str | None = Field(default=None, description="Why.")
    waited_at: AwareDatetime | None = Field(default=None, description="When its extraction was put aside.")
    wait_reason: str | None = Field(default=None, description="Why.")
    asked_at: AwareDatetime | None = Field(default=None, description="When an extraction was last asked for.")
    extractor: str | None = Field(default=None, description="What its newest features are from.")
    model: str | None = Field(default=None, description="The model that gave them.")
    mode: str | None = Field(default=None, description="How that was billed.")
    kind: str | None = Field(default=None, description="image or video, by its newest fingerprint.")
    batch_id: str | None = Field(default=None, description="The batch of that.")
    taken_in_batch: str | None = Field(default=None, description="The batch with which it last passed intake.")


class KeptAnswer(BaseModel):
    """An answer that was asked for: see `standing_answers`."""

    creative: int | None = Field(default=None, description="Fingerprint of the creative's id.")
    paid_at: AwareDatetime | None = Field(default=None, description="When it came.")
    answer: int | None = Field(default=None, description="Fingerprint of what tells it from others of that time.")
    cost_usd: Decimal | None = Field(default=None, description="What it cost; null where no price is known.")


class KeptRawAd(BaseModel):
    """A raw ad with one of its addresses: see `raw_links`."""

    ad: int | None = Field(default=None, description="Fingerprint of its id and its address; null where it lacks one.")
    n: int | None = Field(default=None, description="How many rows there are of it; null: one.")
    is_malformed: bool | None = Field(default=None, description="True where it cannot be imported; or null.")
    part: date | None = Field(default=None, description="What stands for its partition; null where it is in none.")


class KeptSaving(BaseModel):
    """What the duplicates of a day saved: see `costs`."""

    day: date | None = Field(default=None, description="The day of their decision, in UTC.")
    extractor: str | None = Field(default=None, description="What their canonicals' features are from.")
    model: str | None = Field(default=None, description="The model that gave those.")
    mode: str | None = Field(default=None, description="How that was billed.")
    kind: str | None = Field(default=None, description="image or video.")
    batch_id: str | None = Field(default=None, description="The batch that they came in; null for uploads.")
    duplicates: int | None = Field(default=None, description="How many they are.")
    saved_usd: Decimal | None = Field(default=None, description="What their answers would have cost.")


class _FeatureModel(BaseSettings):
    """Which feature model is in use; `extract` reads the same variable."""

    features: str = features.DEFAULT


_UNWIRED: Mapping[str, type[BaseModel]] = {
    "raw_ads": RawAd,
    "dead_letters": DeadLetter,
    "kept_ads": KeptAd,
    "kept_creatives": KeptCreative,
    "kept_answers": KeptAnswer,
    "kept_raw_ads": KeptRawAd,
    "kept_saved": KeptSaving,
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
    before = corrected.remembered((VIEWS / f"{corrected.VIEW}.sql").read_text())
    in_views = {
        Part(VIEWS / f"{view}.sql", mark, "generate.schemas"): made
        for (view, mark), made in corrected.parts(_grown(wanted, FOLDER)["features.json"], model, before).items()
    }
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
