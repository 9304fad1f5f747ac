"""Money: exact, dated, and never guessed."""

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared import prices
from shared.models.usage import Usage
from shared.prices import Model, Tier

DAY = date(2026, 11, 27)
COUNT = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("model", "mode", "usage", "on", "usd"),
    [
        ("gemini-3.5-flash-lite", "standard", Usage(input_tokens=1_000_000, output_tokens=0), DAY, "0.30"),
        ("gemini-3.5-flash-lite", "standard", Usage(input_tokens=0, output_tokens=1_000_000), DAY, "2.50"),
        ("gemini-3.5-flash-lite", "batch", Usage(input_tokens=1_000_000, output_tokens=1_000_000), DAY, "1.40"),
        ("gemini-3.5-flash-lite", "flex", Usage(input_tokens=1_000_000, output_tokens=1_000_000), DAY, "1.40"),
        ("models/gemini-3.5-flash-lite", "standard", Usage(input_tokens=1000, output_tokens=0), DAY, "0.0003"),
        ("gemini-3.8-flash", "standard", Usage(input_tokens=1_000_000, output_tokens=0), date(2026, 12, 31), "0.75"),
        ("gemini-3.8-flash", "standard", Usage(input_tokens=1_000_000, output_tokens=0), date(2027, 1, 1), "1.50"),
        ("gemini-4-argon", "standard", Usage(input_tokens=0, output_tokens=1_000_000), date(2026, 12, 1), "20"),
        ("gemini-3.1-pro-preview", "standard", Usage(input_tokens=200_000, output_tokens=0), DAY, "0.40"),
        ("gemini-3.1-pro-preview", "standard", Usage(input_tokens=200_001, output_tokens=0), DAY, "0.800004"),
    ],
)
def test_a_call_costs_what_the_list_says(model: str, mode: prices.Mode, usage: Usage, on: date, usd: str) -> None:
    price = prices.cost(model, mode, usage, on)

    assert price
    assert price.usd == Decimal(usd)


def test_answers_cost_what_they_cost_together_and_one_that_nobody_knows_makes_their_sum_unknown() -> None:
    read, written = Usage(input_tokens=1_000_000, output_tokens=0), Usage(input_tokens=0, output_tokens=1_000_000)
    untold = Usage(input_tokens=None, output_tokens=1)
    model = "gemini-3.5-flash-lite"

    assert prices.total(model, "standard", [], DAY) == 0
    assert prices.total(model, "standard", [read, written], DAY) == Decimal("2.80")
    assert prices.total(model, "standard", [read, untold], DAY) is None


def test_thoughts_are_paid_like_the_answer() -> None:
    thoughtful = prices.cost(
        "gemini-3.8-flash", "standard", Usage(input_tokens=0, output_tokens=400, thinking_tokens=600), DAY
    )

    assert thoughtful
    assert thoughtful.usd == Decimal("0.00375")


@given(COUNT, COUNT, COUNT)
def test_no_call_costs_less_than_if_all_had_been_cached(read: int, cached: int, written: int) -> None:
    price = prices.cost(
        "gpt-4.1", "standard", Usage(input_tokens=read, cached_tokens=cached, output_tokens=written), DAY
    )

    assert price
    assert price.usd >= (read * Decimal("0.50") + written * 8) / 1_000_000


@pytest.mark.parametrize(
    ("model", "mode", "usage", "on"),
    [
        ("gemini-99", "standard", Usage(input_tokens=1, output_tokens=1), DAY),
        ("gemini-2.5-flash", "standard", Usage(input_tokens=1, output_tokens=1), DAY),
        ("gemini-2.5-flash", "batch", Usage(input_tokens=1, output_tokens=1), DAY),
        ("gemini-3.5-flash-lite", "standard", Usage(input_tokens=1, output_tokens=1), date(2020, 1, 1)),
        ("gemini-3.5-flash-lite", "standard", Usage(), DAY),
        ("gemini-3.5-flash-lite", "standard", Usage(input_tokens=1), DAY),
        ("gemini-3.5-flash-lite", "standard", Usage(output_tokens=1), DAY),
    ],
)
def test_an_unknown_cost_is_none_with_a_warning(
    model: str, mode: prices.Mode, usage: Usage, on: date, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prices.cost(model, mode, usage, on) is None
    assert '"severity": "WARNING"' in capsys.readouterr().out


@given(text=COUNT, image=COUNT, video=COUNT, output=COUNT)
def test_modalities_of_one_price_add_up(text: int, image: int, video: int, output: int) -> None:
    total = text + image + video
    by_modality = Usage(
        input_tokens=total, text_tokens=text, image_tokens=image, video_tokens=video, output_tokens=output
    )

    assert prices.cost("gemini-3.5-flash-lite", "standard", by_modality, DAY) == prices.cost(
        "gemini-3.5-flash-lite", "standard", Usage(input_tokens=total, output_tokens=output), DAY
    )


@given(read=COUNT, output=COUNT)
def test_a_cost_fits_a_numeric_column(read: int, output: int) -> None:
    price = prices.cost("gemini-3.5-flash-lite", "flex", Usage(input_tokens=read, output_tokens=output), DAY)

    assert price
    assert price.usd == price.usd.quantize(Decimal("1e-9"))
    assert price.usd >= 0


def test_a_modality_may_have_its_own_price() -> None:
    tier = Tier.model_validate({"over": 0, "input": {"text": 1, "audio": 3}, "output": 5})

    assert (tier.input_price("audio"), tier.input_price("image")) == (Decimal(3), Decimal(1))


@pytest.mark.parametrize(
    "price",
    [
        {"valid_from": "2026-10-01", "tiers": [{"over": 0, "input": {"audio": 3}, "output": 5}]},
        {"valid_from": "2026-10-01", "tiers": [{"over": 100, "input": 3, "output": 5}]},
        {"valid_from": "2026-10-01", "tiers": [{"over": 0, "input": -3, "output": 5}]},
        {"valid_from": "2026-10-01", "tiers": []},
    ],
)
def test_a_price_that_makes_no_sense_is_refused(price: object) -> None:
    with pytest.raises(ValidationError):
        Model.model_validate({"source": "x", "read_on": "2026-11-01", "modes": {}, "prices": [price]})


@pytest.mark.parametrize("name", list(prices.models()))
def test_every_model_says_where_its_figures_are_from(name: str) -> None:
    model = prices.models()[name]

    assert model.source.startswith("https://")
    assert model.read_on <= DAY


@pytest.mark.parametrize(
    ("model", "service", "on", "said"),
    [
        ("gemini-2.5-pro", "vertex", DAY, "was retired on 2026-10-20"),
        ("gemini-2.5-pro", "developer", DAY, "will be retired on 2026-12-01"),
        ("gemini-2.5-pro", "developer", date(2026, 12, 1), "was retired"),
        ("gemini-3.5-flash", "developer", DAY, "is deprecated"),
    ],
)
def test_a_model_that_ends_is_said_with_what_to_take_instead(
    model: str, service: prices.Service, on: date, said: str
) -> None:
    sentence = prices.end_of_life(model, service, on)

    assert sentence
    assert said in sentence
    assert "gemini-3.5-flash-lite" in sentence
    assert not {name for name, each in prices.models().items() if each.retires or each.deprecated or each.embeds} & {
        word.strip(".,:()") for word in sentence.split()[1:]
    }


@pytest.mark.parametrize("model", ["gemini-3.5-flash-lite", "gemini-99"])
def test_nothing_is_said_of_a_model_that_stays_or_is_not_known(model: str) -> None:
    assert prices.end_of_life(model, "developer", DAY) is None


def test_a_retirement_is_announced_a_quarter_ahead() -> None:
    last_day = date(2026, 12, 1)

    assert prices.end_of_life("gemini-2.5-pro", "developer", last_day - timedelta(days=90))
    assert prices.end_of_life("gemini-2.5-pro", "developer", last_day - timedelta(days=91)) is None


@pytest.mark.parametrize("path", ["", "models/", "publishers/google/models/", "projects/p/locations/global/models/"])
def test_a_model_goes_by_its_bare_name(path: str) -> None:
    assert prices.bare_name(f"{path}gemini-3.5-flash-lite") == "gemini-3.5-flash-lite"


@pytest.mark.parametrize("cached", [None, 0])
def test_what_was_not_cached_is_paid_in_full(cached: int | None) -> None:
    read = Usage(input_tokens=1_000_000, cached_tokens=cached, output_tokens=0)

    price = prices.cost("gpt-4.1", "standard", read, DAY)

    assert price
    assert price.usd == 2


@pytest.mark.parametrize(("factor", "fits"), [(0, False), (0.5, True), (1, True), (-1, False)])
def test_a_picture_is_counted_by_more_than_nothing(factor: float, *, fits: bool) -> None:
    with nullcontext() if fits else pytest.raises(ValidationError):
        prices.Pictures.model_validate({"patch_factor": factor})


def test_a_picture_counts_nothing_that_the_list_does_not_say() -> None:
    assert prices.Pictures().model_dump() == {"base": 0, "tile": 0, "patch_factor": None, "most_patches": 0}
