"""docs/taxonomy.md is true: its example is read, its commands are there, and what it says of changes holds."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creatives import cli
from shared import features
from shared.events import Kind
from shared.taxonomy import definition
from shared.taxonomy.faults import TaxonomyError
from shared.wiring import ROOT

PAGE = (ROOT / "docs" / "taxonomy.md").read_text()
((EXAMPLE,),) = [re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    file = tmp_path / "shoes.yaml"
    file.write_text(EXAMPLE)
    return file


def test_the_example_is_asked_as_it_says(example: Path) -> None:
    asked = features.load(str(example))
    of_videos = features.model_for(Kind.VIDEO, asked)

    assert features.name_of(asked) == "taxonomy:shoes"
    assert {"article", "offer_kind", "heel", "materials", "claim", "star_rating"} <= asked.model_fields.keys()
    assert not {"car_brand", "mood", "product_type"} & asked.model_fields.keys()
    assert "heel" not in of_videos.model_fields
    assert "claim" in features.verifiable_fields(of_videos)


def test_the_example_can_be_checked(example: Path) -> None:
    said = CliRunner().invoke(cli.app, ["taxonomy", "check", str(example)])

    assert said.exit_code == 0
    assert "star_rating FLOAT" in said.stdout


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    creatives (\S+)", PAGE, re.MULTILINE))))
def test_its_commands_are_verbs_that_take_what_they_are_given(command: str) -> None:
    said = CliRunner().invoke(cli.app, [command, "--help"], env={"COLUMNS": "200"})

    (line, *_) = re.findall(rf"^    creatives {command}\b(.*?)(?:#|$)", PAGE, re.MULTILINE)
    assert said.exit_code == 0
    assert [option for option in re.findall(r"--[a-z-]+", line) if option not in said.stdout] == []


def test_every_key_and_pack_is_told() -> None:
    tables = set(re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE))
    told = {key for cell in tables for key in re.findall(r"`(\w+)`", cell)}

    assert told == {*definition._KEYS, *definition._FIELD_KEYS}
    assert [pack for pack in definition.packs() if f"`{pack}`" not in PAGE] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("name: heel", "name: status"), ("[flat, low, high]", "&a [flat, high]"), ("type: number", "type: money")],
)
def test_what_it_says_is_refused_is_refused(before: str, after: str) -> None:
    with pytest.raises(TaxonomyError):
        definition.read(EXAMPLE.replace(before, after).encode(), "shoes.yaml")


def test_a_comment_is_no_other_question_and_a_word_is() -> None:
    def version(text: str) -> str:
        from shared.taxonomy import compiling

        return features.version_of(compiling.compiled(definition.read(text.encode(), "shoes.yaml")))

    assert version(EXAMPLE) == version(EXAMPLE.replace("# shoes.yaml", "# of our shop"))
    assert version(EXAMPLE) != version(EXAMPLE.replace("the main shoe;", "any shoe;"))
