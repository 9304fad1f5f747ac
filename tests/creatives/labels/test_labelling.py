"""Tags and notes have one form, whoever types them; what nobody could read is refused."""

import pytest

from creatives.labels import labelling
from creatives.labels.labelling import Kind, UnfitLabelError


@pytest.mark.parametrize(
    ("kind", "typed", "formed"),
    [
        ("tag", "  Summer   Sale ", "summer sale"),
        ("tag", "ÉTÉ 2026 👩\u200d🎤", "été 2026 👩\u200d🎤"),
        ("tag", "<b>", "<b>"),
        ("note", " Ask\r\nthe agency\t! ", "Ask\nthe agency !"),
    ],
)
def test_what_is_typed_comes_into_one_form(kind: Kind, typed: str, formed: str) -> None:
    assert labelling.formed(kind, typed) == formed
    assert labelling.formed(kind, formed) == formed


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("tag", " "), ("note", "\n"), ("tag", "x" * 61), ("note", "x" * 2001), ("tag", "a\x1b[2Jb"), ("note", "\u202ex")],
)
def test_what_is_no_label_is_refused(kind: Kind, typed: str) -> None:
    with pytest.raises(UnfitLabelError, match=f"(an?|the) (empty )?{kind}"):
        labelling.formed(kind, typed)
