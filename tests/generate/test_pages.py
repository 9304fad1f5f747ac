"""A part of a page is written between its marks; what people wrote around it stays."""

from pathlib import Path

import pytest

from generate.pages import Part

PART = Part(Path("README.md"), "diagram", "generate.diagram")


def test_what_stands_around_a_part_stays() -> None:
    before = "# Title\n<!-- diagram -->\nold\n<!-- /diagram -->\nmore\n"

    after = PART.inserted(before, "new")

    assert after == "# Title\n<!-- diagram -->\nnew\n<!-- /diagram -->\nmore\n"
    assert PART.inserted(after, "new\n") == after


@pytest.mark.parametrize("page", ["", "<!-- diagram -->", "<!-- /diagram -->", "<!-- /diagram --><!-- diagram -->"])
def test_a_page_without_its_marks_is_said(page: str) -> None:
    with pytest.raises(ValueError, match=r"README.md needs <!-- diagram --> and <!-- /diagram -->"):
        PART.inserted(page, "new")
