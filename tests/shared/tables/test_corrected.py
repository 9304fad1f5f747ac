"""What people may say follows the feature model, whatever that is: Google's analyzer reads the views of an odd one."""

import ast
from decimal import Decimal
from enum import StrEnum

import pytest
from pydantic import BaseModel, Field

from local import dataset
from shared import features, wiring
from shared.tables import corrected, marks
from shared.tables.columns import columns_of
from shared.tables.growth import Column
from shared.taxonomy import compiling, definition
from tests.googlesql import engine
from tests.googlesql.catalog import Catalog, column_type, filled, of_tables


class Odd(StrEnum):
    """Values that mean something to somebody else."""

    TEMPLATE = "${project}"
    PERCENT = "%{ if true }"
    QUOTES = 'it\'s \\ "so"'
    PLAIN = "plain"


class Grouped(BaseModel):
    """A record."""

    group: str | None = Field(description="A word of the language.")


class OddModel(BaseModel):
    """Fields that are words of GoogleSQL, and every type."""

    select: Odd | None = Field(description="An enum.")
    order: list[Odd] | None = Field(description="A list of one.", min_length=1, max_length=3)
    limit: Decimal | None = Field(description="Money.", gt=0, lt=100)
    group: Grouped | None = Field(description="A record.")
    where: list[int] | None = Field(description="A list of numbers.")
    having: str | None = Field(description="Text.", min_length=2, max_length=9, pattern="^[a-z'$]+$")


def views(model: type[BaseModel]) -> tuple[list[Column], dict[str, str]]:
    """The columns of the table of features, and the text of the views that depend on them."""
    columns = columns_of(features.features_event(model))
    texts: dict[str, str] = {}
    for (name, mark), made in corrected.parts(columns, model).items():
        before = texts.get(name, (dataset.VIEWS / f"{name}.sql").read_text())
        texts[name] = marks.between(marks.in_sql(mark), before, made)
    return columns, texts


ODD_VALUES = r"""
keep: none
packs: [apps, automotive, retail, travel]
fields:
  - name: odd
    type: choices
    values: ['it''s \ "so"', '${project}', '%{ if true }', "größe, 100 %", '.*|x']
    description: Odd.
  - {name: one, type: choice, values: ['it''s', '\', '--', '/*'], description: Odd.}
  - {name: share, type: number, minimum: -1.5, maximum: 0.25, description: A share.}
"""


@pytest.mark.parametrize(
    "model", [OddModel, compiling.compiled(definition.read(ODD_VALUES.encode(), "odd.yaml"))], ids=["code", "taxonomy"]
)
def test_bigquery_reads_the_views_of_any_model(model: type[BaseModel]) -> None:
    columns, texts = views(model)
    catalog: Catalog = of_tables(engine.started())
    catalog.tables["features"] = [(each["name"], column_type(each)) for each in columns]

    for name in wiring.load().views[: wiring.load().views.index("creatives") + 1]:
        catalog.add_view(name, filled(texts.get(name, (dataset.VIEWS / f"{name}.sql").read_text())))

    assert [name for name, _ in catalog.tables["creatives"]].count("model_features") == 1


def test_what_has_several_parts_cannot_be_said() -> None:
    _, texts = views(OddModel)

    assert [name for name in OddModel.model_fields if f"WHEN '{name}'" not in texts["current_corrections"]] == [
        "group",
        "where",
    ]


@pytest.mark.parametrize("text", ["${project}", "%{ if true }%{ endif }", "$${x}", "it's", "a\\b", "a\nb"])
def test_a_literal_holds_no_template_of_terraforms(text: str) -> None:
    written = corrected.literal(text)

    assert "${" not in written
    assert "%{" not in written
    assert ast.literal_eval(written) == text  # Python reads these escapes as GoogleSQL does


def test_a_part_of_sql_stands_between_comments() -> None:
    written = marks.between(marks.in_sql("words"), "a\n-- <words>\nold\n-- </words>\nb", "  new")

    assert written == "a\n-- <words>\n  new\n-- </words>\nb"
