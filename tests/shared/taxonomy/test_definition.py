"""A taxonomy's file says what is asked; whatever is wrong in it is said with its line, all of it at once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import Kind
from shared.features import VideoFeatures
from shared.taxonomy import definition
from shared.taxonomy.faults import TaxonomyError

HEEL = "fields:\n  - {name: heel, type: choice, values: [flat, high], description: Its height.}\n"


def read(text: str) -> definition.Taxonomy:
    return definition.read(text.encode(), "t.yaml")


def field(**given: str) -> str:
    """A taxonomy of one field, whose description stands in line 2."""
    asked = {"name": "heel", "type": "text", "description": "Its height."} | given
    return "fields:\n  - " + "\n    ".join(f"{key}: {value}" for key, value in asked.items()) + "\n"


def test_without_a_word_all_built_in_features_are_asked() -> None:
    found = read(HEEL)

    assert list(found.built_in) == list(VideoFeatures.model_fields)
    assert [each.name for each in found.fields] == ["heel"]
    assert found.name == "custom"


def test_built_in_features_are_kept_dropped_and_renamed() -> None:
    found = read("name: shoes\nkeep: [brand, price, text]\ndrop: [text]\nrename:\n  brand: maker\n" + HEEL)

    assert found.built_in == {"brand": "maker", "price": "price"}
    assert found.name == "shoes"


def test_packs_bring_their_fields_and_the_built_in_features_that_they_need() -> None:
    found = read("keep: none\npacks: [automotive, travel]\n")

    assert {"car_brand", "price", "setting"} <= found.built_in.keys()
    assert "mood" not in found.built_in
    assert {"body_type", "destination"} <= {each.name for each in found.fields}


@pytest.mark.parametrize("pack", definition.packs())
def test_every_pack_goes_with_all_built_in_features_and_with_none(pack: str) -> None:
    alone, with_all = read(f"keep: none\npacks: {pack}\n"), read(f"packs: [{pack}]\n")

    assert len(alone.fields) >= 8
    assert alone.fields == with_all.fields
    assert len(with_all.built_in) == len(VideoFeatures.model_fields)


def test_all_packs_go_together() -> None:
    assert len(read(f"packs: [{', '.join(definition.packs())}]\n").fields) > 30
    assert definition.packs() == ("apps", "automotive", "retail", "travel")


def test_a_packs_field_is_dropped_and_may_be_asked_otherwise() -> None:
    again = "fields:\n  - {name: nights, type: integer, description: How many nights., maximum: 30}\n"

    found = read(f"packs: [travel]\ndrop: [nights, travellers, mood]\n{again}").fields

    assert "travellers" not in {each.name for each in found}
    assert [each.maximum for each in found if each.name == "nights"] == [30]


def test_values_are_bounded_in_all() -> None:
    many = "".join(
        f"  - {{name: f{n}, type: choice, values: [{', '.join(f'v{m}' for m in range(250))}], description: x}}\n"
        for n in range(5)
    )

    with pytest.raises(TaxonomyError, match=r"the fields allow 1,250 values, packs included; 1,000 are allowed"):
        read(f"fields:\n{many}")


def test_a_field_says_what_it_takes() -> None:
    (text, listed) = read(
        "fields:\n"
        "  - {name: claim, type: texts, description: What is claimed, evidence: true, for: image, most: 4}\n"
        "  - {name: stars, type: number, description: Of five., minimum: 0, maximum: 5, for: both}\n"
    ).fields

    assert (text.kinds, text.evidence, text.most) == (frozenset({Kind.IMAGE}), True, 4)
    assert (listed.kinds, listed.minimum, listed.maximum) == (frozenset(Kind), 0, 5)


@pytest.mark.parametrize(("kind", "least"), [("number", "-1e3"), ("integer", "-1E+3"), ("number", "-1000.0")])
def test_a_bound_may_be_written_with_an_exponent(kind: str, least: str) -> None:
    (asked,) = read(field(type=kind, minimum=least)).fields

    assert asked.minimum == -1000


def test_a_word_that_yaml_takes_for_a_boolean_is_a_value() -> None:
    (asked,) = read(field(type="choice", values="[no, yes, off, 1, 012]")).fields

    assert asked.values == ("no", "yes", "off", "1", "012")


def test_a_dropped_feature_leaves_its_name_to_a_field_of_its_type() -> None:
    again = "fields:\n  - {name: style, type: choice, values: [loud, quiet], description: How it looks.}\n"

    assert [each.name for each in read(f"drop: [style]\n{again}").fields] == ["style"]


FAULTS = [
    ("field: []\n", 1, "'field' is not known there; did you mean fields?"),
    ("- a\n", 1, "write `key: value` lines"),
    ("fields: heel\n", 1, "write a list"),
    ("fields:\n  - heel\n", 2, "a field: write `key: value` lines"),
    ("fields:\n  - {name: heel}\n", 2, "it needs type and description"),
    (field(type="strng"), 3, "'strng' is none of"),
    (field(type="boolean"), 3, "write yes_no"),
    (field(type="[text]"), 3, "type: write one text"),
    (field(type="choice"), 3, "a choice needs values"),
    (field(type="choice", values="[one]"), 5, "there are 1; 2 to"),
    (field(type="choice", values="[one, null]"), 5, "null needs no value"),
    (field(type="choice", values="[one, '']"), 5, "null needs no value"),
    (field(type="choice", values="[Big Shoe, big_shoe]"), 5, "are one to a reader that ignores case"),
    (field(type="choice", values="[one, [two]]"), 5, "write a list of texts"),
    (field(type="choice", values="{one: two}"), 5, "write a list of texts"),
    (field(type="choice", values='["a\\nb", c]'), 5, "visible characters"),
    (field(type="choice", values=f"[{'x' * 61}, c]"), 5, "visible characters"),
    (field(values="[one, two]"), 5, "a text has none; write type: choice"),
    (field(description='" "'), 4, "1 to 500 characters"),
    (field(description="x" * 501), 4, "1 to 500 characters"),
    (field(**{"for": "gif"}), 5, "'gif' is none of image, video, both"),
    (field(evidence="perhaps"), 5, "neither true nor false"),
    (field(type="yes_no", evidence="true"), 5, "only text and texts quote"),
    (field(minimum="1"), 5, "only integer and number have one"),
    (field(type="integer", minimum="1.5"), 5, "'1.5' is no integer"),
    (field(type="number", minimum="NaN"), 5, "'NaN' is no number"),
    (field(type="number", minimum="1e16"), 5, "'1e16' is no number"),
    (field(type="integer", minimum="1e-3"), 5, "'1e-3' is no integer"),
    (field(type="number", maximum="1e400"), 5, "'1e400' is no number"),
    (field(type="number", minimum="5", maximum="1"), 5, "its minimum is above its maximum"),
    (field(most="3"), 5, "only texts and choices have one"),
    (field(type="texts", most="0"), 5, "no number of items from 1 to 50"),
    (field(type="texts", most="٣"), 5, "no number of items from 1 to 50"),
    (field(name="Heel"), 2, "small letters, digits and single underscores"),
    (field(name="heel__x"), 2, "small letters, digits and single underscores"),
    (field(name="_heel"), 2, "small letters, digits and single underscores"),
    (field(name="h" * 51), 2, "at most 50 characters"),
    (field(name="größe"), 2, "small letters, digits and single underscores"),
    (field(name="order"), 2, "is a word of SQL"),
    (field(name="creative_id"), 2, "is a column of its own beside the features"),
    (field(name="status"), 2, "is a column of its own beside the features"),
    (field(name="ad_format"), 2, "is a column of its own beside the features"),
    (field(name="copy"), 2, "is a name that the program itself uses"),
    (field(name="model_name"), 2, "is a name that the program itself uses"),
    (field(name="price"), 2, "price is a built-in feature: drop that"),
    ("drop: [price]\n" + field(name="price"), 3, "price is a column of type FLOAT, which stays"),
    ("rename: {price: price_now}\n" + field(name="price"), 3, "price is a column of type FLOAT, which stays"),
    ("rename: {price: brand}\n", 1, "is the name of another built-in feature"),
    ("rename: {price: heel}\n" + field(), 3, "heel is what price is now"),
    ("rename: {price: cost, brand: cost}\n", 1, "two features would have one name"),
    ("rename: {prize: cost}\n", 1, "did you mean price?"),
    ("keep: [brand]\nrename: {mood: feeling}\n", 2, "mood is not kept: keep it, or take it out of here"),
    ("drop: [price]\nrename: {price: cost}\n", 2, "price is not kept"),
    ("rename: [price]\n", 1, "rename: write `key: value` lines"),
    ("keep: [prices]\n", 1, "there is no feature 'prices' in what is built in and the packs; did you mean price"),
    ("drop: [x]\n", 1, "there is no feature 'x' in what is built in"),
    ("packs: [retial]\n", 1, "there is no pack 'retial'; did you mean retail?"),
    ("packs: [" + "x, " * 300 + "x]\n", 1, "packs: there are 301; 250 are allowed"),
    ("drop: [" + "x, " * 300 + "x]\n", 1, "drop: there are 301; 250 are allowed"),
    (field(type="choice", values="[" + "x, " * 300 + "x]"), 5, "values: there are 301; 250 are allowed"),
    ("".join(f"k{n}: x\n" for n in range(300)), 1, "the file: there are 300 keys; no file needs 200"),
    ("packs: [../definition]\n", 1, "there is no pack"),
    ("keep: none\n", 1, "nothing is asked of any image"),
    ("keep: [pace]\n", 1, "nothing is asked of any image: keep a feature"),
    ("name: 1x\n", 1, "small letters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said"), FAULTS, ids=[f"{n}: {said}" for n, (_, _, said) in enumerate(FAULTS)]
)
def test_a_fault_is_told_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(TaxonomyError) as refused:
        read(text)

    assert said in " ".join(str(refused.value).split())
    assert line in {fault.line for fault in refused.value.faults if said in fault.said}
    assert all(len(each) < 1000 for each in str(refused.value).splitlines())


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TaxonomyError) as refused:
        read("names: x\n" + field(name="order", type="bool") + "drop: [x]\n")

    assert [fault.line for fault in refused.value.faults] == [1, 3, 4, 6]


def test_two_fields_of_one_name_are_one_too_many() -> None:
    with pytest.raises(TaxonomyError, match=r"t.yaml:4: name: heel stands there twice, first in line 2"):
        read(HEEL.replace("\n", "\n", 1) + "\n" + HEEL.split("\n", 1)[1])


def test_thousands_of_fields_are_refused_in_a_sentence() -> None:
    many = "".join(f"  - {{name: f{n}, type: text, description: x}}\n" for n in range(4000))

    with pytest.raises(TaxonomyError) as refused:
        read(f"fields:\n{many}")

    assert re.fullmatch(r"t.yaml:2: fields: there are 4,000; 200 are allowed", str(refused.value))


WRITTEN = (
    "name: shoes\nkeep: [brand, price]\ndrop: [text]\nrename: {brand: maker}\npacks: [retail]\n"
    "fields:\n  - name: heel\n    type: choices\n    values: [flat, 'no', \"1/2\"]\n    description: Its height.\n"
    "    for: image\n    most: 3\n  - {name: stars, type: number, minimum: 0, maximum: 5, description: 'Stars'}\n"
)
PIECES = [
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "  ",
    "'",
    '"',
    "&a ",
    "*a",
    "!x ",
    "? ",
    "#",
    "|",
    ">",
    "%",
    "null",
    "\\U0011ffff",
]


@given(st.lists(st.tuples(st.integers(0, len(WRITTEN)), st.integers(0, 12), st.sampled_from(PIECES)), max_size=4))
def test_a_file_that_was_written_over_is_read_or_refused_with_its_line(edits: list[tuple[int, int, str]]) -> None:
    text = WRITTEN
    for place, gone, put in edits:
        text = text[:place] + put + text[place + gone :]

    try:
        found = read(text)
    except TaxonomyError as refused:
        lines = [fault.line for fault in refused.faults]
    else:
        lines = [each.line for each in found.fields]

    assert all(1 <= line <= text.count("\n") + 2 for line in lines)


def test_so_many_faults_are_told_as_can_be_read() -> None:
    many = "".join(f"  - {{name: F{n}, type: text, description: x}}\n" for n in range(150))

    with pytest.raises(TaxonomyError) as refused:
        read(f"fields:\n{many}")

    assert str(refused.value).splitlines()[-1] == "… and 50 more"
