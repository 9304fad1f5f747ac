"""What people may say follows the feature model, whatever that is: Google's analyzer reads the views of an odd one."""

import ast
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

import pytest
from pydantic import BaseModel, Field

from local import dataset
from shared import corrections, features, wiring
from shared.events import Kind
from shared.features import ImageFeatures
from shared.tables import corrected, marks
from shared.tables.columns import columns_of
from shared.tables.growth import Column
from shared.taxonomy import compiling, definition
from tests.cases import some_of
from tests.googlesql import engine
from tests.googlesql.catalog import Catalog, column_type, filled, of_tables
from tests.googlesql.evaluator import Evaluator


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


def views(model: type[BaseModel], before: str = "") -> tuple[list[Column], dict[str, str]]:
    """The columns of the table of features, and the text of the views that depend on them."""
    columns = columns_of(features.features_event(model))
    texts: dict[str, str] = {}
    for (name, mark), made in corrected.parts(columns, model, corrected.remembered(before)).items():
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
TAXONOMY: type[BaseModel] = compiling.compiled(definition.read(ODD_VALUES.encode(), "odd.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("model", some_of([OddModel, TAXONOMY], in_the_gate=[TAXONOMY]), ids=["code", "taxonomy"])
def test_bigquery_reads_the_views_of_any_model(model: type[BaseModel]) -> None:
    columns, texts = views(model)
    catalog: Catalog = of_tables(engine.started())
    catalog.tables["features"] = [(each["name"], column_type(each)) for each in columns]

    for name in wiring.load().views[: wiring.load().views.index("creatives") + 1]:
        catalog.add_view(name, filled(texts.get(name, (dataset.VIEWS / f"{name}.sql").read_text())))

    assert [name for name, _ in catalog.tables["creatives"]].count("model_features") == 1


SAID = [
    "", "it's", "it''s", "\\", "--", "/*", "${project}", "x", "null", '["${project}"]', '["x"]', "[]", "it's,x",
    '["it\'s \\\\ \\"so\\""]', '["größe, 100 %", ".*|x"]', '["größe"]', "0.25", "-1.5", "0.26", "-1.6", "1e-1", "NaN",
    "true", "false", "yes", "5", "5.0", "-1", "366", "packshot", "flat_lay", "Flat Lay", "petrol",
]  # fmt: skip


@pytest.mark.slow
def test_bigquery_allows_what_the_command_says_and_nothing_that_the_taxonomy_does_not() -> None:
    _, texts = views(TAXONOMY)
    fields = [name for name in re.findall(r"WHEN '(\w+)' THEN", cases_of(texts)) if name in TAXONOMY.model_fields]
    said_here = said_in(TAXONOMY, fields, SAID)

    allowed = allowed_of(texts, {*said_here, *((field, said) for field in fields for said in SAID)})

    assert said_here - allowed == set()
    assert [each for each in allowed if not can_be_meant(TAXONOMY, *each)] == []
    assert len(said_here) > 60


RECORDS = [
    "Nike", "Nike, Adidas", '["Nike"]', '[{"brand": "it\'s", "position": "top \\"left\\""}]', '{"brand": "${x}"}', "[]",
    '[{"brand": null, "position": "left"}]', '[{"position": "left"}]', '[{"brand": "a"}, {"brand": "b"}]', "[null]",
    '[{"brand": "a"}, null]', '[["a"]]', '{"brand": "a", "more": "b"}', "{", "[{]", "null", "", "{a}",
    '[{"brand": "a"}',
    '{"text": "Now", "description": null}', '{"text": "Now"}', '{"text": null, "description": null}', "{}", "[1]",
    '{"start_s": 1.5, "text": "x"}', '{"start_s": "1e-7"}', '{"start_s": 1e-7, "text": null}', '{"start_s": -1}',
    '{"start_s": NaN}', '{"start_s": "NaN", "text": ""}', '{"start_s": null}', '{"start_s": "soon"}', "[{}]",
    '[{"start_s": 0, "end_s": 1.25, "text": "ä\\n", "description": ""}]', '[{"start_s": 0, "end_s": -1}]',
    '{"start_s": true}', '{"text": ["a"]}', "[" + ",".join(['{"brand": "a", "position": null}'] * 11) + "]",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.slow
def test_bigquery_allows_what_the_command_says_of_what_has_several_parts() -> None:
    _, texts = views(ImageFeatures)
    fields = ["brand_logos", "hook", "scenes", "end_card"]
    said_here = said_in(ImageFeatures, fields, RECORDS)

    allowed = allowed_of(texts, {*said_here, *((field, said) for field in fields for said in RECORDS)})

    assert said_here - allowed == set()
    assert [each for each in allowed if not can_be_meant(ImageFeatures, *each)] == []
    assert len(said_here) > 12


def cases_of(texts: dict[str, str]) -> str:
    (cases,) = re.findall(r"-- <allowed>\n(.*?)-- </allowed>", texts["current_corrections"], re.DOTALL)
    return str(cases)


def allowed_of(texts: dict[str, str], words: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the words that the view takes."""
    rows = ", ".join(
        f"STRUCT({corrected.literal(one)} AS field, {corrected.literal(two)} AS value)" for one, two in sorted(words)
    )
    found = Evaluator(of_tables(engine.started()), {}).query(
        f"SELECT field, value, CASE field {cases_of(texts)} ELSE FALSE END AS allowed FROM UNNEST([{rows}])"
    )
    return {(row["field"], row["value"]) for row in found if row["allowed"]}


def of_yaml(*fields: str) -> type[BaseModel]:
    text = "".join(f"  - {{description: Its., {each}}}\n" for each in fields)
    return compiling.compiled(definition.read(f"keep: none\nfields:\n{text}".encode(), "own.yaml"))


def test_what_was_allowed_when_it_was_said_holds_under_another_taxonomy_and_nothing_else_does() -> None:
    one = of_yaml(
        "name: heel, type: choice, values: [flat, high, '-- </allowed>', '*/ ${project} %{ if']",
        "name: made_of, type: choices, values: [wool, 'silk, raw'], most: 2",
        "name: stars, type: number, minimum: 0, maximum: 5",
        "name: gone, type: choice, values: [here, there]",
        "name: free, type: text",
    )
    two = of_yaml(
        "name: heel, type: choice, values: [spiky, blunt]",
        "name: made_of, type: choices, values: [jute, hemp]",
        "name: stars, type: number, minimum: 7, maximum: 10",
        "name: free, type: choice, values: [a, b]",
    )
    columns, before = views(one)

    growing = [views(two, before["current_corrections"])[1]]
    for model in (one, two):
        growing.append(views(model, growing[-1]["current_corrections"])[1])

    held = {
        ("heel", "flat"),
        ("heel", "spiky"),
        ("heel", "-- </allowed>"),
        ("heel", "*/ ${project} %{ if"),
        ("heel", ""),
    }
    held |= {("made_of", '["wool", "silk, raw"]'), ("made_of", '["jute"]'), ("stars", "5"), ("stars", "7")}
    held |= {("free", "what anybody likes")}
    never = {("heel", "round"), ("made_of", '["tin"]'), ("made_of", "wool"), ("stars", "6"), ("stars", "11")}
    assert allowed_of(growing[0], held | never) == held
    # What has been seen once is no news, in any order.
    assert corrected.remembered(growing[1]["current_corrections"]) == corrected.remembered(
        growing[0]["current_corrections"]
    )
    assert growing[2] == growing[0]
    noted = growing[0]["current_corrections"].partition("-- </remembered>")[0]
    assert not [each for each in ("${", "%{", "*/", "</allowed") if each in noted]
    # Of a field that is no longer asked, too.
    dropped = corrected.parts(columns, two, corrected.remembered(before["current_corrections"]))
    assert "WHEN 'gone' THEN COALESCE(value, '') = '' OR (value IN ('here', 'there'))" in dropped[corrected._ALLOWED]


def said_in(model: type[BaseModel], fields: Sequence[str], texts: Sequence[str]) -> set[tuple[str, str]]:
    """What `creatives correct` says in each field where a person says one of these, and is not refused."""
    found = ((field, word_of(model, field, said)) for field in fields for said in texts)
    return {(field, word) for field, word in found if word is not None}


def word_of(model: type[BaseModel], field: str, said: str) -> str | None:
    """What `creatives correct` says where a person says this; None where it is refused, or nothing."""
    try:
        return corrections.word(model, Kind.VIDEO, field, said)
    except corrections.NotAllowedError:
        return None


def can_be_meant(model: type[BaseModel], field: str, said: str) -> bool:
    try:
        corrections.meant(model, field, said)
    except corrections.NotAllowedError:
        return False
    return True


def test_a_list_of_numbers_cannot_be_said() -> None:
    _, texts = views(OddModel)

    assert [name for name in OddModel.model_fields if f"WHEN '{name}'" not in texts["current_corrections"]] == ["where"]


@pytest.mark.parametrize("text", ["${project}", "%{ if true }%{ endif }", "$${x}", "it's", "a\\b", "a\nb", "-- </x>"])
def test_a_literal_holds_no_template_of_terraforms(text: str) -> None:
    written = corrected.literal(text)

    assert "${" not in written
    assert "%{" not in written
    assert "</" not in written
    assert ast.literal_eval(written) == text  # Python reads these escapes as GoogleSQL does


def test_a_part_of_sql_stands_between_comments() -> None:
    written = marks.between(marks.in_sql("words"), "a\n-- <words>\nold\n-- </words>\nb", "  new")

    assert written == "a\n-- <words>\n  new\n-- </words>\nb"
