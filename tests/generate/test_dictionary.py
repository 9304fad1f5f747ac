"""docs/data.md says what every column means; that it names those of the views is held in tests/googlesql."""

import re
from pathlib import Path

import pytest

from generate import diagram, dictionary
from shared import wiring
from shared.tables import meanings


def test_the_page_is_what_the_schemas_and_views_say() -> None:
    assert dictionary.PART.difference(dictionary.drawn_up(wiring.load())) == "", "run `make schemas`"


def test_every_column_of_every_table_is_explained() -> None:
    columns = dictionary.tables(wiring.load())

    assert [f"{table}.{each.name}" for table, listed in columns.items() for each in listed if not each.meaning] == []


def test_every_view_that_people_ask_is_explained() -> None:
    wired = wiring.load()
    internal = [name for name in wired.views if diagram.is_internal(name)]

    views = dictionary.views(wired)

    assert [view.name for view in views] == wired.views
    assert [view.name for view in views if not view.columns] == internal
    assert all(view.about.endswith(".") for view in views if view.columns)
    page = dictionary.PART.page.read_text()
    assert [name for name in internal if not re.search(rf"^\| `{name}` \| [A-Z].*\. \|$", page, re.MULTILINE)] == []


def test_a_column_that_nobody_explains_is_refused(tmp_path: Path) -> None:
    said = tmp_path / "columns.yaml"
    said.write_text(
        "{inherits: [fingerprints], records: {}, internal: {}, "
        "views: {creatives: {about: x, columns: [width, mystery]}}}\n"
    )

    with pytest.raises(ValueError, match=r"creatives\.mystery has no meaning"):
        meanings.of_views(wiring.load(), {"fingerprints": {"width": "In pixels."}}, said)
