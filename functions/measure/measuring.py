"""A run: reads what creatives got and what they show, and says what goes with better results and what wears out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.cloud import bigquery
from pydantic import BaseModel

from functions.measure import fatigue, lifts
from functions.measure.settings import MeasureSettings
from shared import bill, corrections, log
from shared import features as feature_models
from shared.events import Event, Fatigue, Lift

if TYPE_CHECKING:
    from google.cloud.bigquery.table import RowIterator

type Row = Mapping[str, Any]


def run(client: bigquery.Client, settings: MeasureSettings, run: datetime, event_id: str) -> Iterator[Event]:
    """The claims of one run, each with what is too thin for one.

    Raises:
        GoogleAPIError: the client's, when something cannot be read.
        FeatureModelError: when the feature model that the settings name cannot be used.
    """
    creatives = [dict(row.items()) for row in _rows(client, settings, "creatives")]
    results = [dict(row.items()) for row in _rows(client, settings, "by_campaign")] if creatives else []
    known, model = with_corrections(creatives, settings.features)
    for number, compared in enumerate(lifts.lifts(results, known, model)):
        values = asdict(compared) | {"effect": compared.lift}
        yield Lift(event_id=f"{event_id}-lift-{number}", run=run, **values)
    days = (dict(row.items()) for row in _rows(client, settings, "by_day"))
    told = {(row["canonical_id"], row["metric"]) for row in _rows(client, settings, "worn_before")}
    for judged in fatigue.judged(_one_by_one(days)):
        number_of = f"{event_id}-{judged.canonical_id}-{judged.metric}"
        yield (found := Fatigue(event_id=number_of, run=run, **asdict(judged)))
        if found.state == "worn" and (found.canonical_id, found.metric) not in told:
            _tell(found)


def with_corrections(creatives: Sequence[Row], features: str | None = None) -> tuple[list[Row], type[BaseModel]]:
    """The creatives with what people said of them, and the feature model: the one that is named, or that of most."""
    model = feature_models.load(features) if features else _asked_model(creatives)
    return [_corrected(row, model) for row in creatives], model


def _tell(worn: Fatigue) -> None:
    """A line of the log that an alert waits for (infra/monitoring.tf), once for each creative and metric."""
    log.warning(
        "a creative is worn",
        stage="measure",
        creative_id=worn.canonical_id,
        metric=worn.metric,
        change=worn.change and round(worn.change, 2),
        since=worn.since and worn.since.isoformat(),
        n_ads=worn.n_ads,
    )


def _one_by_one(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """The days of a creative after the other: the rows come sorted, and need not all be in memory."""
    for _, some in groupby(rows, key=lambda row: row["canonical_id"]):
        yield list(some)


def _corrected(row: Row, model: type[BaseModel]) -> Row:
    """The creative with what people said of it in its features; words on fields of another model are left out."""
    if not (row["features"] and row["corrections"]):
        return row
    told = dict(row["features"])
    for word in row["corrections"]:
        try:
            told[word["field"]] = corrections.meant(model, word["field"], word["value"])
        except corrections.NotAllowedError as error:
            log.warning("a correction is of another feature model", stage="measure", detail=str(error))
    return {**row, "features": told}


def _asked_model(creatives: Sequence[Row]) -> type[BaseModel]:
    """The feature model that most of the features are of; our own where it is not installed here."""
    names = Counter(row["feature_model"] for row in creatives)
    try:
        return feature_models.load(names.most_common(1)[0][0]) if names else feature_models.ImageFeatures
    except feature_models.FeatureModelError:
        return feature_models.ImageFeatures


def _rows(client: bigquery.Client, settings: MeasureSettings, name: str) -> "RowIterator":
    config = bigquery.QueryJobConfig(
        default_dataset=settings.full_dataset,
        maximum_bytes_billed=settings.measure_max_bytes_billed,
    )
    return bill.answer(client.query(_sql(name), job_config=config), stage="measure", page_size=10_000)


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
