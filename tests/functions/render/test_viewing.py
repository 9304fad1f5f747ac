"""What a banner's page asks for: a file of its own, or nothing; whatever it is, there is an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.render import viewing


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://banner.invalid/a%20b.png?x#y", "a b.png"),
        ("https://banner.invalid/", ""),
        ("https://site.example/a.png", None),
        ("https://[::1/a.png", None),
        ("https://banner.invalid]/a.png", None),
        ("https://banner\u2100.invalid/a.png", None),
        ("//[banner.invalid/a.png", None),
        ("blob:null/1", None),
        ("", None),
    ],
)
def test_what_a_page_asks_for_is_a_file_of_its_own_or_none(address: str, name: str | None) -> None:
    assert viewing._file_of(address) == name


@given(st.text(alphabet="htps:/[]@.%abinerlvd#?℀"))
def test_whatever_a_page_asks_for_is_answered(address: str) -> None:
    assert viewing._file_of(f"https://{address}") is None
