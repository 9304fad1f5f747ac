"""Creatives are named by the beginning of their ids, as they are shown."""

import pytest
from typer.testing import CliRunner

from creatives.cli import app
from creatives.operations import naming
from creatives.operations.tables import Tables
from tests.bigquery import Dataset
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import World

ONE, OTHER, THIRD = (World().creative(name) for name in ("one", "aab", "aac"))


@pytest.fixture(scope="module")
def tables(module_dataset: Dataset) -> Tables:
    return fill(module_dataset, [row for name in ("one", "aab", "aac") for row in World().analysed(name)])


@pytest.mark.parametrize(("text", "said"), [("37", "too short"), ("3a…", "too short"), ("9004", "no such creative")])
def test_what_names_no_creative_is_told_why(text: str, said: str) -> None:
    assert said in naming.unknown(text)


@pytest.mark.parametrize("named", [ONE, ONE[:4], f"{ONE[:12]}…", f" {ONE[:4].upper()}... "])
def test_a_beginning_names_the_one_creative_whose_id_begins_so(tables: Tables, named: str) -> None:
    assert naming.whole(tables, [named, OTHER]) == [ONE, OTHER]


def test_what_begins_as_several_do_is_refused_and_names_them(tables: Tables) -> None:
    with pytest.raises(naming.SeveralError, match=f"{OTHER[:4]}….*{OTHER}, {THIRD}"):
        naming.whole(tables, [f"{OTHER[:4]}…"])


@pytest.mark.parametrize("named", ["ffff", "f" * 40, ONE[:3], "nope.jpg", "%", ""])
def test_what_begins_no_id_stays_as_it_is(tables: Tables, named: str) -> None:
    assert naming.whole(tables, [named]) == [named]


def test_a_file_that_is_not_there_is_told_before_anything_is_asked() -> None:
    told = CliRunner().invoke(app, ["find", "--like", "nope.jpg", "--data", "not-there"])

    assert told.exit_code == 2
    assert "nope.jpg: no such file, and no id of a creative" in told.output


@pytest.mark.parametrize(
    ("uri", "sources", "name"),
    [
        ("gs://b/uploads/x/sale.jpg", (), "sale.jpg"),
        ("gs://b/fetched/abc", ("https://shop.example/a/b%20c.jpg?w=2",), "b c.jpg"),
        ("gs://b/uploads/x/a%0Ab.png", (), "a%0Ab.png"),
        ("gs://b/fetched/abc", ("https://shop.example/%1B%5B31ma%E2%80%AEgnp.jpg",), "%1B[31ma%E2%80%AEgnp.jpg"),
        ("gs://b/fetched/" + "a" * 40, ("https://shop.example/",), "a" * 12),
        ("gs://b/fetched/" + "a" * 40, ("data:image/png;base64,AAAA",), "a" * 12),
        ("gs://b/fetched/" + "a" * 40, ("https://[broken/",), "a" * 12),
        (None, (), "a" * 12),
        ("gs://b/c", ("gs://b/x/sale (copy).jpg", "gs://b/x/sale.jpg", "gs://b/y/sale - Kopie.jpg"), "sale.jpg"),
        ("gs://b/" + "x" * 500, (), "x" * 120),
    ],
)
def test_a_creative_is_called_by_its_file(uri: str | None, sources: tuple[str, ...], name: str) -> None:
    assert naming.name_of(uri, sources, "a" * 40) == name
