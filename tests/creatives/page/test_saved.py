"""Views that were given a name are there for every browser, whatever else is asked meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from creatives.page import saved
from creatives.page.saved import SavedViews, UnfitViewError

SALE = "#/gallery?q=sale&by.tag=summer"


def test_a_view_is_saved_replaced_and_deleted_by_its_name(tmp_path: Path) -> None:
    views = SavedViews(tmp_path)
    views.save(" Summer  sale ", "#/gallery")
    views.save("best", "#/performance")

    views.save("Summer sale", SALE)

    assert [(view.name, view.address) for view in SavedViews(tmp_path).all()] == [
        ("best", "#/performance"),
        ("Summer sale", SALE),
    ]
    assert [view.name for view in views.delete("best")] == ["Summer sale"]
    assert [file.name for file in tmp_path.iterdir()] == ["saved-views.json"]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", SALE), (" ", SALE), ("x" * 81, SALE),
        ("a\u202eb", SALE), ("\ud800", SALE), ("x", ""), ("x", "javascript:alert(1)"),
        ("x", "https://evil.example/#/gallery"), ("x", "#/gallery?q=a b"), ("x", "#/" + "a" * 4000),
    ],
)  # fmt: skip
def test_what_is_no_view_of_this_page_is_not_saved(tmp_path: Path, name: str, address: str) -> None:
    with pytest.raises(UnfitViewError):
        SavedViews(tmp_path).save(name, address)
    assert list(tmp_path.iterdir()) == []


def test_views_that_are_saved_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    views = SavedViews(tmp_path)

    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(lambda number: views.save(f"{number:02}", SALE), range(30)))

    assert [view.name for view in views.all()] == [f"{number:02}" for number in range(30)]


def test_there_is_an_end_to_views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST_VIEWS", 1)
    views = SavedViews(tmp_path)
    views.save("one", SALE)

    with pytest.raises(UnfitViewError, match="delete one first"):
        views.save("two", SALE)
    assert [view.address for view in views.save("one", "#/money")] == ["#/money"]


def test_a_file_that_was_made_something_else_is_told_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "saved-views.json"
    file.write_text("[broken")

    for ask in (SavedViews(tmp_path).all, lambda: SavedViews(tmp_path).save("x", SALE)):
        with pytest.raises(UnfitViewError, match="cannot be read: mend it"):
            ask()
    assert file.read_text() == "[broken"
