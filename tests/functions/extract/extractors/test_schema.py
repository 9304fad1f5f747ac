"""What Gemini is told of a feature model."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from functions.extract.extractors import prompt, schema
from shared.features import ImageFeatures, VideoFeatures
from tests import gemini_model


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Inner(BaseModel):
    """Something inside."""

    size: Size | None = Field(description="How large.")


class Vertical(BaseModel):
    """A model of a user's own."""

    inner: Inner = Field(description="What is inside.")
    price: Decimal | None = Field(ge=0, description="What it costs.")
    code: str = Field(pattern="^[A-Z]+$", min_length=2, description="Its code.")
    kind: Literal["a", "b"] = Field(description="Which.")
    several: list[Annotated[int, Field(ge=1)]] = Field(max_length=3, description="Some numbers.")


def test_references_unions_and_patterns_are_resolved() -> None:
    assert schema.response_schema(Vertical) == {
        "type": "OBJECT",
        "description": "A model of a user's own.",
        "properties": {
            "inner": {
                "type": "OBJECT",
                "description": "What is inside.",
                "properties": {
                    "size": {
                        "type": "STRING",
                        "enum": ["small", "large"],
                        "nullable": True,
                        "description": "How large.",
                    }
                },
                "required": ["size"],
            },
            "price": {"type": "NUMBER", "nullable": True, "description": "What it costs. (at least 0)"},
            "code": {"type": "STRING", "description": "Its code. (at least 2 characters)"},
            "kind": {"type": "STRING", "enum": ["a", "b"], "description": "Which."},
            "several": {
                "type": "ARRAY",
                "items": {"type": "INTEGER", "description": "(at least 1)"},
                "description": "Some numbers. (at most 3 items)",
            },
        },
        "required": ["inner", "price", "code", "kind", "several"],
    }


@pytest.mark.parametrize("model", [ImageFeatures, VideoFeatures, Vertical])
def test_every_schema_stays_within_the_supported_subset(model: type[BaseModel]) -> None:
    gemini_model.check_schema(schema.response_schema(model), model.__name__)


def test_every_field_is_asked_for_with_its_description() -> None:
    told = schema.response_schema(VideoFeatures)

    assert list(told["properties"]) == told["required"] == list(VideoFeatures.model_fields)
    assert all(field["description"] for field in told["properties"].values())


def test_the_prompts_version_changes_with_what_is_told() -> None:
    assert prompt.version(ImageFeatures) == prompt.version(ImageFeatures)
    assert prompt.version(ImageFeatures) != prompt.version(Vertical)
