"""The feature models can be asked for, stored, swapped and told apart."""

import hashlib
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from types import ModuleType
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, Field, ValidationError

from shared import features
from shared.events import FeaturesExtracted, Kind
from shared.features import FeatureModelError, ImageFeatures, VideoFeatures

MODELS: list[type[BaseModel]] = [ImageFeatures, VideoFeatures]

# What Gemini's structured output reads (its documentation, November 2026); `title` is ignored, `pattern` checked by us.
UNDERSTOOD = {
    "$defs", "$ref", "anyOf", "description", "enum", "items", "maxItems", "maximum", "minItems", "minimum",
    "properties", "required", "title", "type", "pattern",
}  # fmt: skip


def nulls(model: type[BaseModel]) -> dict[str, Any]:
    return dict.fromkeys(model.model_fields)


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for named in ("properties", "$defs"):
        for part in schema.get(named, {}).values():
            yield from subschemas(part)
    for part in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        yield from subschemas(part)


def row(model: type[BaseModel], **answer: object) -> FeaturesExtracted:
    return features.features_event(model)(
        event_id="e",
        creative_id="a" * 40,
        kind=Kind.IMAGE,
        extractor="offline",
        model="m",
        feature_model=features.name_of(model),
        feature_version=features.version_of(model),
        prompt_version="1",
        features=answer,
    )


class Size(StrEnum):
    """How big it is."""

    SMALL = "small"
    LARGE = "large"


class Part(BaseModel):
    """A part."""

    name: str = Field(description="Its name.")


class Shoe(BaseModel):
    """A shoe ad."""

    size: Size | None = Field(description="How big it is.")
    price: Decimal | None = Field(description="What it costs.")
    parts: list[Part] | None = Field(description="Its parts.")


class ShoeVideo(Shoe):
    """A shoe video."""

    steps: int | None = Field(description="Steps taken in it.")


class ShoeWithVideo(Shoe):
    """A shoe ad whose videos are asked more."""

    FOR_VIDEOS: ClassVar[type[BaseModel]] = ShoeVideo


@pytest.mark.parametrize("model", MODELS)
def test_the_schema_says_nothing_that_structured_output_does_not_read(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()

    assert set().union(*subschemas(schema)) <= UNDERSTOOD


@pytest.mark.parametrize("model", MODELS)
def test_every_part_of_the_schema_is_required_and_described(model: type[BaseModel]) -> None:
    for part in subschemas(model.model_json_schema()):
        assert set(part.get("required", [])) == set(part.get("properties", {}))
        for field in part.get("properties", {}).values():
            assert field.get("description")


@pytest.mark.parametrize("model", MODELS)
def test_what_cannot_be_told_is_null_in_every_field(model: type[BaseModel]) -> None:
    answer = model.model_validate(nulls(model))

    assert set(answer.model_dump().values()) == {None}


def test_no_people_is_told_apart_from_people_that_cannot_be_told() -> None:
    nobody = ImageFeatures.model_validate(nulls(ImageFeatures) | {"has_people": False})
    unknown = ImageFeatures.model_validate(nulls(ImageFeatures))

    assert nobody.has_people is False
    assert unknown.has_people is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("discount_percent", 101),
        ("discount_percent", -1),
        ("price", -0.01),
        ("currency", "€"),
        ("language", "German"),
        ("product_category", "cars"),
        ("dominant_colors", ["teal"]),
        ("dominant_colors", ["red"] * 6),
        ("people_count", -1),
    ],
)
def test_an_answer_outside_the_vocabulary_or_range_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        ImageFeatures.model_validate(nulls(ImageFeatures) | {field: value})


def test_a_changed_question_needs_a_new_version() -> None:
    schemas = [model.model_json_schema() for model in MODELS]

    digest = hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()[:12]

    assert (digest, ImageFeatures.VERSION, VideoFeatures.VERSION) == ("2d4b1fddf6b7", "1", "1")


def test_a_video_is_asked_more_than_an_image() -> None:
    assert features.model_for(Kind.IMAGE, ImageFeatures) is ImageFeatures
    assert features.model_for(Kind.VIDEO, ImageFeatures) is VideoFeatures
    assert set(VideoFeatures.model_fields) > set(ImageFeatures.model_fields)


def test_a_model_without_one_for_videos_is_asked_of_both() -> None:
    assert features.model_for(Kind.VIDEO, Shoe) is Shoe


def test_a_model_is_found_by_its_name() -> None:
    assert features.load(features.name_of(ImageFeatures)) is ImageFeatures


def test_a_model_without_a_version_is_versioned_by_what_it_asks() -> None:
    asked_more_of_videos = features.version_of(ShoeWithVideo)

    assert features.version_of(ImageFeatures) == "1"
    assert len({features.version_of(Shoe), features.version_of(ShoeVideo), asked_more_of_videos}) == 3


def test_it_is_known_which_fields_quote_the_creative() -> None:
    in_images = features.verifiable_fields(ImageFeatures)
    only_in_videos = set(features.verifiable_fields(VideoFeatures)) - set(in_images)

    assert in_images == ("brand", "brand_logos.brand", "text", "promotion_text", "price_text", "call_to_action")
    assert only_in_videos == {"hook.text", "scenes.text", "end_card.text"}
    assert features.verifiable_fields(ShoeWithVideo) == ()


@pytest.mark.parametrize("model", [ImageFeatures, ShoeWithVideo])
def test_rows_of_images_and_videos_fit_into_one_record(model: type[BaseModel]) -> None:
    video = features.model_for(Kind.VIDEO, model)

    of_an_image = row(model, **nulls(model))
    of_a_video = row(model, **nulls(video))

    assert type(of_an_image) is type(of_a_video)
    assert set(of_a_video.model_dump()["features"]) == set(video.model_fields)


def test_a_row_keeps_the_answer_and_the_events_fields() -> None:
    event = row(Shoe, size="small", price="19.99", parts=[{"name": "sole"}])

    again = type(event).model_validate_json(event.model_dump_json(exclude_none=True))

    assert again == event
    assert event.TOPIC == "features"
    assert event.model_dump(mode="json")["features"] == {
        "size": "small",
        "price": "19.99",
        "parts": [{"name": "sole"}],
    }


def model_with(**fields: tuple[Any, Any]) -> type[BaseModel]:
    namespace = {"__annotations__": {name: kind for name, (kind, _) in fields.items()}, "__module__": __name__}
    return type("Model", (BaseModel,), namespace | {name: field for name, (_, field) in fields.items()})


class Recursive(BaseModel):
    """Contains itself."""

    children: "list[Recursive]" = Field(description="Its own kind.")


class OtherType(Shoe):
    """Asks videos for another type under the same name."""

    FOR_VIDEOS: ClassVar[type[BaseModel]] = model_with(size=(int | None, Field(description="d")))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (model_with(extra=(dict[str, int], Field(description="d"))), "extra: dict"),
        (model_with(extra=(Any, Field(description="d"))), "extra: typing.Any"),
        (model_with(extra=(str | None, Field(default=None, description="d"))), "take its default away"),
        (model_with(extra=(str, Field())), "needs Field\\(description"),
        (Recursive, "cannot contain itself"),
        (OtherType, "size: has another type"),
    ],
)
def test_a_model_that_cannot_be_asked_or_stored_is_refused_by_name(model: type[BaseModel], why: str) -> None:
    with pytest.raises(FeatureModelError, match=why):
        features.features_event(model)


@pytest.fixture
def vertical(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("a_vertical")
    module.__dict__.update(Shoe=Shoe, Bad=Recursive, thing=3)
    monkeypatch.setitem(sys.modules, "a_vertical", module)
    return module


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ImageFeatures", "write package.module:Model"),
        ("no_such_module:Model", "No module named"),
        ("a_vertical:Missing", "Missing"),
        ("a_vertical:thing", "not a Pydantic model"),
        ("a_vertical:Bad", "cannot contain itself"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(vertical: ModuleType, name: str, why: str) -> None:
    with pytest.raises(FeatureModelError, match=why):
        features.load(name)


def test_a_users_own_model_is_loaded(vertical: ModuleType) -> None:
    assert features.load("a_vertical:Shoe") is Shoe
