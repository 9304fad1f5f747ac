"""What a call cost, and until when a model answers: arithmetic over `shared/prices.yaml`, which says how to read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, model_validator

from shared import log, yaml_files

PRICES_FILE = Path(__file__).with_name("prices.yaml")
Mode = Literal["standard", "batch", "flex"]
"""How a call is asked for."""

Billed = Literal["standard", "batch", "flex", "other"]
"""How a call was billed, by the service's own word; `other` has no price here (priority, reserved throughput)."""

Service = Literal["developer", "vertex"]
Modality = Literal["text", "image", "video", "audio"]

_MODALITIES: tuple[Modality, ...] = ("text", "image", "video", "audio")
_NOTICE = timedelta(days=90)
_NUMERIC = Decimal("1e-9")  # the finest that a NUMERIC column keeps

# YAML reads 0.30 as a float; its shortest form is what the file says.
Usd = Annotated[Decimal, BeforeValidator(lambda value: str(value)), Field(ge=0)]


class Tokens(Protocol):
    """Tokens of a call, as the service counted them (see `shared.models.usage.Usage`)."""

    @property
    def input_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def text_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def image_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def video_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def audio_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def cached_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def thinking_tokens(self) -> int | None: ...  # noqa: D102
    @property
    def output_tokens(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True)
class Price:
    """Money for one answer.

    Attributes:
        usd: to nine decimals, as a NUMERIC column keeps it.
        valid_from: the first day of the price it was computed with.
    """

    usd: Decimal
    valid_from: date


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Part):
    """What a million tokens cost in a call whose input is over `over` tokens."""

    over: NonNegativeInt
    input: Usd | dict[Modality, Usd]
    output: Usd
    cached: Usd | None = None

    def input_price(self, modality: Modality) -> Usd:
        """USD for a million input tokens of `modality`; text's price where it has none of its own."""
        if isinstance(self.input, dict):
            return self.input.get(modality, self.input["text"])
        return self.input

    @model_validator(mode="after")
    def _text_has_a_price(self) -> Self:
        if isinstance(self.input, dict) and "text" not in self.input:
            raise ValueError("a price by modality needs one for text")
        return self


class DatedPrice(_Part):
    """A model's price from a day on."""

    valid_from: date
    tiers: Annotated[list[Tier], Field(min_length=1)]

    def tier(self, input_tokens: int) -> Tier:
        """The tier of a call with `input_tokens` of input."""
        reached = [tier for tier in self.tiers if tier.over == 0 or input_tokens > tier.over]
        return max(reached, key=lambda tier: tier.over)

    @model_validator(mode="after")
    def _starts_at_nothing(self) -> Self:
        if not any(tier.over == 0 for tier in self.tiers):
            raise ValueError("one tier must be for calls of any size: over: 0")
        return self


class Pictures(_Part):
    """How a model counts a picture by its size: see `functions/extract/money/pictures.py`.

    Attributes:
        base: tokens of any picture, where tiles are counted.
        tile: tokens of each tile.
        patch_factor: tokens of each patch, where patches are counted.
        most_patches: more are not shown.
    """

    base: NonNegativeInt = 0
    tile: NonNegativeInt = 0
    patch_factor: Annotated[float, Field(gt=0)] | None = None
    most_patches: NonNegativeInt = 0


class Model(_Part):
    """What is known of a model."""

    source: str
    read_on: date
    modes: dict[Mode, Usd]
    prices: list[DatedPrice]
    retires: dict[Service, date] = {}
    available_until_at_least: date | None = None
    deprecated: bool = False
    least_thinking: Literal["minimal", "low", "medium", "high"] | None = None
    pictures: Pictures | None = None
    embeds: bool = False

    def price_on(self, day: date) -> DatedPrice | None:
        """The price that holds on `day`."""
        valid = [price for price in self.prices if price.valid_from <= day]
        return max(valid, key=lambda price: price.valid_from, default=None)


@cache
def models(path: Path = PRICES_FILE) -> dict[str, Model]:
    """Every model in the price list, by name.

    Raises:
        pydantic.ValidationError: when the file does not fit.
    """
    raw: dict[str, Any] = yaml_files.read(path)["models"]
    return {name: Model.model_validate(model) for name, model in raw.items()}


def bare_name(model: str) -> str:
    """A model's name without the resource path that Vertex AI and the SDK put before it."""
    return model.rsplit("/", 1)[-1]


def known(model: str) -> Model | None:
    """What the price list says of a model."""
    return models().get(bare_name(model))


def cost(model: str, mode: Billed, usage: Tokens, on: date) -> Price | None:
    """What an answer of `model` cost on the day `on` (UTC).

    `None`, with a warning in the log, when the list has no price for it: an unknown cost is never 0.
    """
    known_model = known(model)
    price = known_model.price_on(on) if known_model else None
    if known_model is None or price is None or mode not in known_model.modes:
        log.warning("no price, so the cost is not known: add it to shared/prices.yaml", model=model, mode=mode, on=on)
        return None
    if usage.input_tokens is None or usage.output_tokens is None:
        log.warning("the service did not say how many tokens it took: the cost is not known", model=model)
        return None
    usd = _standard_price(price.tier(usage.input_tokens), usage) * known_model.modes[mode]
    return Price(usd.quantize(_NUMERIC, ROUND_HALF_UP), price.valid_from)


def total(model: str, mode: Billed, usages: Iterable[Tokens], on: date) -> Decimal | None:
    """What several answers of `model` cost, USD; `None`, which is said once, where that of one is not known."""
    usd = Decimal(0)
    for usage in usages:
        price = cost(model, mode, usage, on)
        if price is None:
            return None
        usd += price.usd
    return usd


def _standard_price(tier: Tier, usage: Tokens) -> Decimal:
    counts: dict[Modality, int] = {name: getattr(usage, f"{name}_tokens") or 0 for name in _MODALITIES}
    counts["text"] += max((usage.input_tokens or 0) - sum(counts.values()), 0)
    spent = sum((count * tier.input_price(name) for name, count in counts.items()), Decimal(0))
    if tier.cached is not None:
        cached = min(usage.cached_tokens or 0, usage.input_tokens or 0)  # a part of it, whatever a service says
        spent -= cached * (tier.input_price("text") - tier.cached)
    spent += ((usage.output_tokens or 0) + (usage.thinking_tokens or 0)) * tier.output
    return spent / 1_000_000


def end_of_life(model: str, service: Service, on: date) -> str | None:
    """A sentence about a model that is retired, soon will be, or is deprecated; `None` for any other."""
    known_model = known(model)
    if known_model is None:
        return None
    last_day = known_model.retires.get(service)
    if last_day and last_day <= on:
        return f"{model} was retired on {last_day}: set GEMINI_MODEL to another one ({_alternatives(on)})."
    if last_day and last_day - on <= _NOTICE:
        return f"{model} will be retired on {last_day}: move to another one before ({_alternatives(on)})."
    if known_model.deprecated:
        return f"{model} is deprecated: move to another one ({_alternatives(on)})."
    return None


def _alternatives(on: date) -> str:
    usable = (name for name, m in models().items() if m.price_on(on) and not (m.retires or m.deprecated or m.embeds))
    return ", ".join(usable)
