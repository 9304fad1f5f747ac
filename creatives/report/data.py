"""Reads a dataset, local or deployed, into a `ReportData`: some queries, and of each creative picture and answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.cloud import bigquery
from pydantic import BaseModel

from creatives.operations.naming import name_of
from creatives.operations.tables import Row, Tables, Value, require_within
from creatives.report.model import Ad, Creative, Daily, Failed, Fatigue, Feature, Lift, ReportData, Spending, Way
from creatives.report.stored import Stored
from shared import features, reasons
from shared.events import Kind
from shared.urls import redacted

if TYPE_CHECKING:
    from google.cloud import storage

__all__ = ["ReportData", "read"]

_FOLDER = Path(__file__).parent
_ADS_EACH = 20
_FAILED_ADS_EACH = 200
MEASURED = 500  # creatives with results that a page holds day by day, those with most impressions
DAYS = 90


def read(
    client: bigquery.Client,
    project: str,
    dataset: str,
    storage_client: "storage.Client",
    *,
    cache: Path,
    creatives: int = 10_000,
    large_pictures: int = 0,
    model: type[BaseModel] = features.ImageFeatures,
    now: datetime | None = None,
    most_usd: float | None = None,
) -> ReportData:
    """What `dataset` of `project` holds now.

    Args:
        client: of BigQuery.
        project: whose dataset it is.
        dataset: the pipeline's dataset.
        storage_client: of Cloud Storage, to read the creatives' files and the models' answers.
        cache: a folder where small pictures and answers are kept from one report to the next.
        creatives: how many are shown at most; the other figures are of all.
        large_pictures: of how many of them, the most used ones, the pictures are large: where no server has the files.
        model: the feature model, as far as it is known: it tells what is asked of pictures, and what of films.
        now: when it is read.
        most_usd: what BigQuery may bill for all of it; None: anything.

    Raises:
        GoogleAPIError: the clients', when something cannot be read.
        TooDearError: when it would cost more than it may.
    """
    tables = Tables(client, f"{project}.{dataset}", _FOLDER)
    now = now or datetime.now(UTC)
    found = _answers(tables, creatives, now, most_usd)
    rows, [outcomes] = found["creatives"], found["outcomes"]
    ads = _by_creative(tables.ask("ads", creative_ids=[row["creative_id"] for row in rows], ads_each=_ADS_EACH))
    stored = Stored(storage_client, cache, n_creatives=len(rows), n_large=large_pictures).read(rows)
    return ReportData(
        generated_at=now,
        project=project,
        dataset=dataset,
        flow=tuple(Way.model_validate(row) for row in outcomes["flow"] or ()),
        n_creatives=rows[0]["n_creatives"] if rows else 0,
        creatives=tuple(_creative(row, ads[row["creative_id"]], stored[row["creative_id"]]) for row in rows),
        failures=_failures(outcomes["failures"] or ()),
        spending=tuple(Spending.model_validate(row) for row in found["spending"]),
        features=_features(_asked_columns(tables), model),
        lifts=tuple(Lift.model_validate(row) for row in found["lifts"]),
        fatigue=tuple(Fatigue.model_validate(row) for row in found["fatigue"]),
        daily=tuple(Daily.model_validate(row) for row in found["daily"]),
    )


def _answers(tables: Tables, creatives: int, now: datetime, most_usd: float | None) -> Mapping[str, list[Row]]:
    """What each of the queries finds."""
    asked: Mapping[str, Mapping[str, Value]] = {
        "outcomes": {"ads_each": _FAILED_ADS_EACH},
        "spending": {},
        "lifts": {},
        "fatigue": {},
        "daily": {"creatives": MEASURED, "days": DAYS, "today": now.date()},
        "creatives": {"creatives": creatives},
    }
    with ThreadPoolExecutor() as side_by_side:
        if most_usd is not None:
            nobody: Sequence[str] = ()
            priced: Mapping[str, Mapping[str, Value]] = {
                **asked,
                "ads": {"creative_ids": nobody, "ads_each": _ADS_EACH},
            }
            prices = [side_by_side.submit(tables.usd, name, **given) for name, given in priced.items()]
            require_within(sum(price.result() for price in prices), most_usd)
        found = {name: side_by_side.submit(tables.ask, name, **given) for name, given in asked.items()}
    return {name: answer.result() for name, answer in found.items()}


def advice(reason: str) -> str:
    """What the person who runs the ads can do about a failure."""
    return reasons.sentence(reason)


def link_of(source: str) -> str | None:
    """`source` where a click may lead there: a web address in which no secret had to be hidden."""
    return source if source.startswith(("https://", "http://")) and redacted(source) == source else None


def told(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Features without what cannot be told: nulls and what is made of nothing else."""
    if isinstance(value, dict):
        kept = {name: told(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part not in (None, {}, [])}
    if isinstance(value, list):
        return [told(part) for part in value]
    return value


def _by_creative(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["creative_id"]].append(row)
    return grouped


def _creative(row: Row, ads: Sequence[Row], stored: Row) -> Creative:
    return Creative.model_validate(
        {
            **row,
            **stored,
            "name": name_of(row["uri"], (ad["source"] for ad in ads), row["creative_id"]),
            "features": told(row["features"]) if row["features"] is not None else None,
            "model_features": told(row["model_features"]) if row["corrections"] else None,
            "ads": [_ad(ad) for ad in ads],
        }
    )


def _ad(row: Row) -> Ad:
    source = row["source"] or ""
    hidden = {
        "ad_id": shown_address(row["ad_id"] or ""),
        "source": shown_address(source),
        "link": link_of(source),
    }
    return Ad.model_validate({**row, **hidden})


def shown_address(address: str) -> str:
    """An address without its secrets, and without the file where that stands in it."""
    is_web = "://" in address and not address.startswith("gs://")
    return redacted(address) if is_web or address.strip()[:5].lower() == "data:" else address[:1024]


def _failures(rows: Iterable[Row]) -> tuple[Failed, ...]:
    grouped = groupby(rows, key=lambda row: (row["stage"], row["reason"], row["n_ads"]))
    return tuple(
        Failed(
            stage=stage,
            reason=reason,
            advice=advice(reason),
            n_ads=n_ads,
            ads=tuple(_ad(row) for row in some),
        )
        for (stage, reason, n_ads), some in grouped
    )


def _asked_columns(tables: Tables) -> Sequence[bigquery.SchemaField]:
    """The columns of the record `features`."""
    schema = tables.client.get_table(f"{tables.name}.features").schema
    return next((column.fields for column in schema if column.name == "features"), ())


def _features(columns: Sequence[bigquery.SchemaField], model: type[BaseModel]) -> tuple[Feature, ...]:
    """What the feature model asks, as the table's own columns tell; of which kinds, as the model does."""
    asked = {kind: features.model_for(kind, model).model_fields for kind in Kind}
    return tuple(
        Feature(
            name=column.name,
            type=column.field_type,
            repeated=column.mode == "REPEATED",
            description=column.description or "",
            parts=_parts(column),
            kinds=tuple(kind for kind in Kind if column.name in asked[kind]) or tuple(Kind),
        )
        for column in columns
    )


def _parts(column: bigquery.SchemaField) -> tuple[str, ...] | None:
    if column.field_type != "RECORD" or any(part.mode == "REPEATED" or part.fields for part in column.fields):
        return None
    return tuple(part.name for part in column.fields)
