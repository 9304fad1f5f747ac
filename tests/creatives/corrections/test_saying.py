"""What people may say of a creative: by what it is, a picture or what moves."""

import pytest

from creatives.corrections import saying
from creatives.operations.tables import Tables as Asked
from shared import corrections
from shared.events import Kind
from shared.features import ImageFeatures
from tests.bigquery import PROJECT, Dataset
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World


@pytest.mark.parametrize(("seconds", "kind"), [(None, Kind.IMAGE), (3.2, Kind.VIDEO)])
def test_of_a_picture_that_moves_may_be_said_what_may_be_of_a_video(
    dataset: Dataset, seconds: float | None, kind: Kind
) -> None:
    tables, world = Tables(dataset), World()
    tables.fill([world.image("a"), world.fingerprint("a", duration_s=seconds), world.match("a")])

    known = saying.kinds(Asked(dataset.client, f"{PROJECT}.{dataset.name}"), [world.creative("a")])

    assert known == {world.creative("a"): kind}


def test_the_second_of_a_price_may_be_said_of_what_moves_alone() -> None:
    assert corrections.word(ImageFeatures, Kind.VIDEO, "price_s", "1.3") == "1.3"
    with pytest.raises(corrections.NoSuchFieldError):
        corrections.word(ImageFeatures, Kind.IMAGE, "price_s", "1.3")


@pytest.mark.parametrize("value", ["19.99", None])
def test_words_are_waited_for_until_all_are_written(dataset: Dataset, value: str | None) -> None:
    tables, world = Tables(dataset), World()
    price, brand = world.correction("a", "price", value), world.correction("a", "brand", value)
    asked = Asked(dataset.client, f"{PROJECT}.{dataset.name}")
    tables.fill([world.image("a"), price])

    assert saying.wait_until_written(asked, [price], limit_s=0)
    assert not saying.wait_until_written(asked, [price, brand], limit_s=0)
    tables.fill([brand])
    assert saying.wait_until_written(asked, [price, brand], limit_s=0)


@pytest.mark.parametrize(
    ("fields", "left"),
    [(["price"], "29,99 €"), (["price", "price_text"], None), (["brand"], None)],
)
def test_words_that_state_another_price_than_is_said_are_told(
    dataset: Dataset, fields: list[str], left: str | None
) -> None:
    tables, world = Tables(dataset), World()
    rows = world.analysed("a")[:-1]
    tables.fill([*rows, world.answer("a", features={"price": 29.99, "price_text": "29,99 €"})])
    asked = Asked(dataset.client, f"{PROJECT}.{dataset.name}")

    said = [world.correction("a", field, "19.99") for field in fields]
    assert saying.price_text_left(saying.current(asked, said), said) == left
