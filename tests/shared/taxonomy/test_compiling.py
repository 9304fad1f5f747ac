"""A taxonomy becomes a feature model like the built-in ones: asked, answered, stored, told apart by what it asks."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from functions.extract.extractors import completions, mending, schema
from functions.extract.extractors.offline import findings
from shared import corrections, features
from shared.events import Kind
from shared.features import ImageFeatures, VideoFeatures
from shared.tables.columns import columns_of
from shared.taxonomy import compiling, definition
from shared.taxonomy.faults import TaxonomyError
from tests import discovery, gemini_model

SHOES = """
name: shoes
drop: [car_brand, car_model]
rename: {price: price_now, has_music: music}
fields:
  - {name: heel, type: choice, values: [flat, grey, "1/2", no], description: The heel, for: image}
  - {name: uses, type: choices, values: [sport, office], description: What it is for., most: 2}
  - {name: claim, type: text, evidence: true, description: Its claim}
  - {name: claims, type: texts, evidence: true, description: 'All claims, quoted'}
  - {name: sizes, type: integer, minimum: 1, maximum: 60, description: How many sizes.}
  - {name: stars, type: number, minimum: 0, maximum: 5, description: Stars.}
  - {name: vegan, type: yes_no, description: Whether it is said to be vegan., for: video}
"""


def model(text: str = SHOES) -> type[BaseModel]:
    return compiling.compiled(definition.read(text.encode(), "t.yaml"))


def of_videos(asked: type[BaseModel]) -> type[BaseModel]:
    return features.model_for(Kind.VIDEO, asked)


def nulls(asked: type[BaseModel]) -> dict[str, Any]:
    return dict.fromkeys(asked.model_fields)


def test_each_kind_is_asked_what_is_for_it() -> None:
    asked = model()

    assert {"heel", "claim", "price_now"} <= asked.model_fields.keys()
    assert not {"vegan", "price", "car_brand", "scenes"} & asked.model_fields.keys()
    assert {"vegan", "scenes", "music"} <= of_videos(asked).model_fields.keys()
    assert "heel" not in of_videos(asked).model_fields


@pytest.mark.parametrize("kind", Kind)
def test_built_in_features_are_asked_as_ever(kind: Kind) -> None:
    built_in = schema.response_schema(features.model_for(kind, ImageFeatures))["properties"]

    asked = schema.response_schema(features.model_for(kind, model()))["properties"]

    for name in built_in.keys() - {"car_brand", "car_model", "price", "has_music"}:
        assert asked[name] == built_in[name]
    assert asked["price_now"] == built_in["price"]


@pytest.mark.parametrize("pack", definition.packs())
@pytest.mark.parametrize("kind", Kind)
def test_gemini_is_sent_what_it_is_known_to_understand(kind: Kind, pack: str) -> None:
    asked = features.model_for(kind, model(f"packs: [{pack}]\n"))

    sent = schema.response_schema(asked)

    gemini_model.check_schema(sent, "schema")
    config = {"responseMimeType": "application/json", "responseSchema": sent}
    body = {"contents": [], "generationConfig": config}
    assert (
        list(discovery.faults("aiplatform.v1beta1", "GoogleCloudAiplatformV1beta1GenerateContentRequest", body)) == []
    )
    assert completions.strict_schema(asked)["additionalProperties"] is False


def test_an_answer_is_mended_and_held_to_the_taxonomy() -> None:
    asked = model()
    said = {
        **nulls(asked),
        "heel": "Grey",
        "uses": ["Sport", "office", "sport"],
        "claim": "Feather light",
        "stars": 4.5,
    }

    filled = mending.fill(json.dumps(said), asked)
    off = mending.fill(json.dumps({**said, "heel": "wedge", "stars": 6, "sizes": "many"}), asked)

    assert filled.features.model_dump(mode="json") == {**said, "heel": "grey", "uses": ["sport", "office"]}
    assert off.unusable == ("heel", "sizes", "stars")


@pytest.mark.parametrize(("field", "value"), [("heel", "wedge"), ("uses", ["x"]), ("sizes", 0), ("stars", 5.1)])
def test_what_the_taxonomy_does_not_allow_is_refused(field: str, value: object) -> None:
    asked = model()

    with pytest.raises(ValidationError):
        asked.model_validate({**nulls(asked), field: value})


def test_evidence_is_told_and_known() -> None:
    asked = model("keep: [text]\n" + SHOES[SHOES.index("fields") :])

    assert features.verifiable_fields(asked) == ("text", "claim", "claims")
    assert asked.model_fields["claim"].description == "Its claim. Quoted exactly as printed."
    assert asked.model_fields["claims"].description == "All claims, quoted."


def test_offline_what_is_built_in_goes_on_and_the_rest_is_null() -> None:
    found = findings.fill(model(), {"price": 9.5, "brand": None, "text": "NEW", "heel": "flat"})

    answer = found.model_dump()
    assert (answer["price_now"], answer["text"]) == (9.5, "NEW")
    assert answer["claims"] is None


def test_the_columns_are_those_of_the_taxonomy() -> None:
    row = next(each for each in columns_of(features.features_event(model())) if each["name"] == "features")

    columns = {each["name"]: (each["type"], each["mode"], each["description"]) for each in row["fields"]}
    assert columns["heel"] == ("STRING", "NULLABLE", "The heel.")
    assert columns["uses"] == ("STRING", "REPEATED", "What it is for.")
    assert columns["claims"][:2] == ("STRING", "REPEATED")
    assert columns["sizes"][:2] == ("INTEGER", "NULLABLE")
    assert columns["stars"][:2] == ("FLOAT", "NULLABLE")
    assert columns["vegan"][:2] == ("BOOLEAN", "NULLABLE")
    assert columns["price_now"][:2] == ("FLOAT", "NULLABLE")


def test_what_people_say_is_held_to_the_taxonomy() -> None:
    asked = model()

    assert corrections.word(asked, Kind.IMAGE, "heel", "1/2") == "1/2"
    assert corrections.word(asked, Kind.IMAGE, "uses", "sport, office") == '["sport","office"]'
    assert corrections.word(asked, Kind.VIDEO, "vegan", "no") == "false"
    for field, value in (("heel", "wedge"), ("uses", "sport,gala"), ("sizes", "61"), ("vegan", "no"), ("price", "1")):
        with pytest.raises(corrections.NotAllowedError):
            corrections.word(asked, Kind.IMAGE, field, value)


def test_a_version_changes_with_what_is_asked_and_only_with_that() -> None:
    as_it_is = features.version_of(model())
    alike = [
        f"# said otherwise\n{SHOES}",
        SHOES.replace("[flat, grey,", '[ "flat",  grey ,'),
        SHOES.replace("drop: [car_brand, car_model]", "drop: [car_model, car_brand]"),
        SHOES.replace("The heel,", "  The heel.  ,"),
    ]
    other = [
        SHOES.replace("flat", "flats"),
        SHOES.replace("The heel", "Its heel"),
        SHOES.replace("for: image", "for: both"),
        SHOES.replace("car_brand, ", ""),
        SHOES.replace("most: 2", "most: 3"),
        SHOES.replace("maximum: 5", "maximum: 10"),
        SHOES.replace("Its claim", "Its claim").replace("evidence: true, description: Its", "description: Its"),
        SHOES.replace("price_now", "price_today"),
    ]

    assert {features.version_of(model(text)) for text in alike} == {as_it_is}
    assert len({as_it_is, *(features.version_of(model(text)) for text in other)}) == len(other) + 1


def test_a_file_is_loaded_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(SHOES)

    asked = features.load(str(file))

    assert features.name_of(asked) == "taxonomy:shoes"
    assert features.load(str(file)) is asked
    assert features.built_in_name(asked, "price_now") == "price"
    assert features.built_in_name(VideoFeatures, "price") == "price"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()

    with pytest.raises(TaxonomyError, match=r"it cannot be read: No such file"):
        features.load(str(tmp_path / "none.yaml"))
    with pytest.raises(TaxonomyError, match=r"it cannot be read: Is a directory"):
        features.load(str(tmp_path / "folder.yaml"))


@pytest.mark.server
def test_a_file_is_loaded_from_its_bucket(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    bucket.blob("taxonomies/abc.yaml").upload_from_string(SHOES)

    asked = features.load(f"gs://{bucket.name}/taxonomies/abc.yaml")
    bucket.blob("taxonomies/abc.yaml").upload_from_string("name: other")

    assert features.load(f"gs://{bucket.name}/taxonomies/abc.yaml") is asked
    assert features.version_of(asked) == features.version_of(model())
    with pytest.raises(TaxonomyError, match=r"there is no such object"):
        features.load(f"gs://{bucket.name}/taxonomies/none.yaml")


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,5}){0,2}", fullmatch=True)
VALUES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@given(st.dictionaries(NAMES, st.lists(VALUES, min_size=2, max_size=8, unique=True), min_size=1, max_size=6))
def test_every_taxonomy_that_is_read_can_be_asked_and_stored(drawn: dict[str, list[str]]) -> None:
    fields = [
        f"  - {{name: {name}, type: choice, values: {json.dumps(values, ensure_ascii=False)}, description: It.}}"
        for name, values in drawn.items()
    ]
    text = "keep: [brand]\nfields:\n" + "\n".join(fields)
    try:
        asked = model(text)
    except TaxonomyError:
        return  # its names or values are among those that are refused

    for name, values in drawn.items():
        for value in values:
            filled = mending.fill(json.dumps({"brand": None, **dict.fromkeys(drawn), name: value}), asked)
            assert filled.features.model_dump(mode="json")[name] == value
    gemini_model.check_schema(schema.response_schema(asked), "schema")
    assert columns_of(features.features_event(asked))
