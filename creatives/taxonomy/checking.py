"""What asking a taxonomy takes: tokens and money for a thousand creatives, how near it comes to its limits."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from google.api_core.exceptions import NotFound
from pydantic import BaseModel

from creatives.extraction import estimate as estimating
from creatives.extraction.estimate import Measured
from creatives.operations.tables import Tables
from functions.extract.extractors import conversation, schema
from functions.extract.money import cost
from functions.extract.settings import ExtractSettings
from local import dataset, reading
from shared import features, wiring, yaml_files
from shared.events import Kind
from shared.tables.columns import columns_of
from shared.tables.growth import Column, grown

VIDEO_S = 15.0
"""Seconds of the video that is reckoned with."""

NEAR = 0.7
"""Share of a limit from which it is near."""

_SHOWN = {Kind.IMAGE: None, Kind.VIDEO: VIDEO_S}


@dataclass(frozen=True)
class Asking:
    """What asking of a kind takes.

    Attributes:
        fields: how many are asked.
        input_tokens: of one creative, what is shown included; None where the model's counting is not known.
        output_tokens: of one answer.
        usd: for a thousand creatives; None where no price is known.
        built_in_usd: the same by the built-in features.
    """

    fields: int
    input_tokens: int | None
    output_tokens: int | None
    usd: Decimal | None
    built_in_usd: Decimal | None


@dataclass(frozen=True)
class Near:
    """How much there is of what is limited, by whom, and whether he says so himself."""

    what: str
    has: int
    limit: int
    source: str
    published: bool = True

    @property
    def is_over(self) -> bool:
        """Whether it is more than is taken for certain."""
        return self.published and self.has > self.limit

    @property
    def is_near(self) -> bool:
        """Whether it is not far from that."""
        return self.has >= NEAR * self.limit


def asking(kind: Kind, model: type[BaseModel], settings: ExtractSettings, on: date) -> Asking:
    """What it takes to ask `model` of creatives of this kind, on the day `on`."""
    usage = cost.expected_usage(kind, _SHOWN[kind], (1080, 1080), model, settings)
    return Asking(
        fields=len(features.model_for(kind, model).model_fields),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        usd=_for_a_thousand(kind, settings, on),
        built_in_usd=_for_a_thousand(kind, settings.model_copy(update={"features": features.DEFAULT}), on),
    )


def _for_a_thousand(kind: Kind, settings: ExtractSettings, on: date) -> Decimal | None:
    one = estimating.estimate([Measured(None, kind, _SHOWN[kind], (1080, 1080))], settings, on)
    return None if one.usd is None else one.usd * 1000


def limits(model: type[BaseModel], settings: ExtractSettings) -> Iterator[Near]:
    """What of the service's limits a taxonomy comes near to, or goes over."""
    known = _limits().get(settings.chosen_extractor, {})
    for kind in Kind:
        has = _measures(schema.response_schema(features.model_for(kind, model)))
        for what, limit in known.items():
            if what in has and limit:
                said = f"{what.replace('_', ' ')} of the schema for {kind}s"
                yield Near(said, has[what], limit, known["source"], known.get("published", True))
        if settings.chosen_extractor != "offline":
            most = conversation.first_turn(kind, settings).output_limit
            yield Near(f"tokens of an answer for {kind}s", cost.answer_tokens(kind, model), most, "MAX_OUTPUT_TOKENS")


@cache
def _limits() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml_files.read(Path(__file__).with_name("limits.yaml"))
    return found


def _measures(asked: schema.Schema) -> dict[str, int]:
    """Of a schema: its properties, values of enums, characters of both, and how deep objects nest."""
    inner = [_measures(each) for each in _parts(asked)]
    names = [*asked.get("properties", {}), *map(str, asked.get("enum", ()))]
    found = {
        "properties": len(asked.get("properties", {})),
        "enum_values": len(asked.get("enum", ())),
        "characters": sum(map(len, names)),
    }
    total = {name: count + sum(each[name] for each in inner) for name, count in found.items()}
    return {**total, "depth": ("properties" in asked) + max((each["depth"] for each in inner), default=0)}


def _parts(asked: schema.Schema) -> Iterator[schema.Schema]:
    yield from asked.get("properties", {}).values()
    yield from asked.get("anyOf", ())
    if "items" in asked:
        yield asked["items"]


def new_columns(model: type[BaseModel], standing: Sequence[Column] | None = None) -> dict[str, str]:
    """The columns that the table of features gains, and their types.

    Args:
        model: what is asked.
        standing: the columns that the table has; without it, those that a new one has.

    Raises:
        SchemaChangeError: when one has another type there.
    """
    before = _features(dataset.columns(wiring.load().tables["features"]) if standing is None else standing)
    after = grown(before, _features(columns_of(features.features_event(model))), "features")
    known = {each["name"] for each in before}
    return {each["name"]: _kind(each) for each in after if each["name"] not in known}


def columns_in(data: Path) -> list[Column] | None:
    """The columns of the table of features in a data folder; None where it has none yet.

    Raises:
        ServerError: when they cannot be read.
    """
    if not any((data / "bigquery").glob("*.ducklake")):
        return None
    with reading.tables(data) as name, suppress(NotFound):
        schema = Tables.of(name).client.get_table(f"{name}.features").schema
        return [field.to_api_repr() for field in schema]
    return None


def _features(columns: Sequence[Column]) -> list[Column]:
    found: list[Column] = next(each for each in columns if each["name"] == "features")["fields"]
    return found


def _kind(column: Column) -> str:
    return f"{column['type']}{' list' * (column['mode'] == 'REPEATED')}"


def cents(usd: Decimal | None) -> str:
    """Money as people read it."""
    return "unknown" if usd is None else f"${math.ceil(usd * 100) / 100:.2f}"
