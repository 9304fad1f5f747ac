"""`creatives taxonomy check`: what is wrong in a file, what asking it costs, and what it comes near to."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from creatives import cli
from creatives.taxonomy import checking
from functions.extract.settings import ExtractSettings
from local import dataset
from shared import wiring
from shared.tables.growth import Column

HEEL = "name: shoes\nfields:\n  - {name: heel, type: choice, values: [flat, high], description: Its height.}\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for nothing."""
    for name in ExtractSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def check(tmp_path: Path, text: str, *options: str, expect: int = 0) -> Any:
    file = tmp_path / "shoes.yaml"
    file.write_text(text)
    said = CliRunner().invoke(cli.app, ["taxonomy", "check", str(file), "--json", *options])
    assert said.exit_code == expect, said.output
    return json.loads(said.stdout) if said.stdout else said.stderr


def test_more_fields_cost_more_and_fewer_less(tmp_path: Path) -> None:
    with_more, with_fewer = check(tmp_path, HEEL), check(tmp_path, f"keep: [brand, price]\n{HEEL}")

    for kind in ("images", "videos"):
        built_in = Decimal(with_more[kind]["built_in_usd_per_1000"])
        assert Decimal(with_fewer[kind]["usd_per_1000"]) < built_in < Decimal(with_more[kind]["usd_per_1000"])
    assert with_more["new_columns"] == {"heel": "STRING"}
    assert (with_more["feature_model"], with_more["model"]) == ("taxonomy:shoes", "gemini-3.5-flash-lite")


def test_what_the_built_in_features_cost_is_as_estimated(tmp_path: Path) -> None:
    images = check(tmp_path, "keep: all\n")["images"]

    assert abs(Decimal(images["usd_per_1000"]) - Decimal(images["built_in_usd_per_1000"])) < Decimal("0.05")


def test_limits_are_told_when_they_are_near_and_over(tmp_path: Path) -> None:
    azure = ("--extractor", "azure", "--model", "gpt-4.1-mini")
    many = HEEL + "".join(f"  - {{name: f{n}, type: yes_no, description: x}}\n" for n in range(40))

    assert check(tmp_path, HEEL, *azure)["near_limits"] == []
    (near,) = check(tmp_path, many, *azure)["near_limits"]
    over = check(tmp_path, many + many[many.index("  - {name: f0") :].replace("f", "g"), *azure, expect=1)

    assert (near["what"], near["limit"], near["over"]) == ("properties of the schema for videos", 100, False)
    assert any(each["over"] for each in over["near_limits"])


def test_a_faulty_file_is_told_line_by_line(tmp_path: Path) -> None:
    said = check(tmp_path, HEEL.replace("choice", "enum").replace("heel", "order"), expect=2)

    assert said.splitlines() == [
        "creatives: shoes.yaml:3: name: order is a word of SQL: take another, e.g. ad_order",
        "shoes.yaml:3: type: 'enum' is none of text, texts, choice, choices, yes_no, integer, number; write choice",
        "shoes.yaml:3: values: a text has none; write type: choice",
    ]


def test_a_name_that_stands_twice_is_told_whatever_else_is_wrong_with_the_field(tmp_path: Path) -> None:
    twice = HEEL + "  - {name: heel, type: strnig, description: x}\n  - {name: heel, description: x}\n"

    said = check(tmp_path, twice + "  - {name: mood, type: strnig, description: x}\n", expect=2)

    assert [line for line in said.splitlines() if "stands there twice" in line] == [
        f"{'creatives: ' * (line == 4)}shoes.yaml:{line}: name: heel stands there twice, first in line 3"
        for line in (4, 5)
    ]
    assert "shoes.yaml:4: type: 'strnig' is none of" in said
    assert "shoes.yaml:5: a field: it needs type" in said
    assert "column of type" not in said


def test_columns_are_new_or_refused_by_those_that_the_folder_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def standing(kind: str) -> list[Column]:
        columns = dataset.columns(wiring.load().tables["features"])
        heel = {"name": "heel", "type": kind, "mode": "NULLABLE", "description": "Its height."}
        return [{**each, "fields": [*each["fields"], heel]} if each["name"] == "features" else each for each in columns]

    monkeypatch.setattr(checking, "columns_in", lambda data: standing("STRING" if data.name == "same" else "FLOAT"))

    assert check(tmp_path, HEEL, "--data", "same")["new_columns"] == {}
    assert "creatives: features.heel is FLOAT and would be STRING" in check(tmp_path, HEEL, "--data", "other", expect=2)


def test_a_folder_without_tables_has_no_columns(tmp_path: Path) -> None:
    assert checking.columns_in(tmp_path) is None


def test_a_file_of_another_kind_or_none_is_told(tmp_path: Path) -> None:
    for name, why in (("shoes.txt", "ends in .yaml"), ("none.yaml", "No such file")):
        said = CliRunner().invoke(cli.app, ["taxonomy", "check", str(tmp_path / name)])
        assert said.exit_code == 2
        assert why in said.stderr


def test_the_table_names_the_columns_and_the_money(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(HEEL)

    said = CliRunner().invoke(cli.app, ["taxonomy", "check", str(file)]).stdout

    assert "new columns: heel STRING" in said
    assert "videos of 15 s" in said
