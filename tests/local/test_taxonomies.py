"""A pipeline asks by a copy of the taxonomy in its data folder: what is edited meanwhile changes nothing under it."""

from pathlib import Path

import pytest

from local import chosen, taxonomies
from local.chosen import Options
from shared import features
from shared.settings import SettingsError
from tests.local.test_chosen import PLACE

HEEL = "name: shoes\nfields:\n  - {name: heel, type: yes_no, description: Whether it has one.}\n"


def test_features_names_a_copy(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(HEEL)
    given: dict[str, str] = {}
    named = {"FEATURES": str(file)}

    taxonomies.settle(tmp_path / "data", file, given)
    taxonomies.settle(tmp_path / "data", None, named)
    file.write_text("name: other\n")

    assert given == named
    assert "heel" in features.load(given["FEATURES"]).model_fields
    assert Path(given["FEATURES"]).parent == tmp_path / "data" / "taxonomies"


def test_a_copy_is_not_copied_again(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(HEEL)
    variables: dict[str, str] = {}
    taxonomies.settle(tmp_path, file, variables)
    before = dict(variables)

    taxonomies.settle(tmp_path, None, variables)

    assert variables == before
    assert Path(variables["FEATURES"]).read_text() == HEEL


@pytest.mark.parametrize("name", ["", "shared.features:ImageFeatures", "gs://bucket/taxonomy.yaml"])
def test_what_is_no_file_here_stays_as_it_is(tmp_path: Path, name: str) -> None:
    variables = {"FEATURES": name} if name else {}

    taxonomies.settle(tmp_path, None, variables)

    assert variables == ({"FEATURES": name} if name else {})
    assert list(tmp_path.iterdir()) == []


def test_a_faulty_file_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(HEEL.replace("heel", "select"))

    with pytest.raises(SettingsError, match=r"shoes.yaml:3: name: select is a word of SQL"):
        taxonomies.settle(tmp_path / "data", file, {})

    assert not (tmp_path / "data").exists()


def test_who_asks_by_another_taxonomy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text(HEEL)
    for name, value in PLACE.items():
        monkeypatch.setenv(name, value)
    variables: dict[str, str] = {}
    taxonomies.settle(tmp_path, file, variables)
    monkeypatch.setenv("FEATURES", variables["FEATURES"])
    chosen.keep(tmp_path, Options("offline"))

    chosen.require_same(tmp_path, Options("offline"), PLACE)
    file.write_text(HEEL.replace("has one", "has any"))
    taxonomies.settle(tmp_path, file, variables)
    monkeypatch.setenv("FEATURES", variables["FEATURES"])
    with pytest.raises(SettingsError, match=r"FEATURES is .*shoes-.* there and .*shoes-.* here"):
        chosen.require_same(tmp_path, Options("offline"), PLACE)
