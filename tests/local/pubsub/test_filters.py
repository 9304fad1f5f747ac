"""The filter language: every form of the documentation, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.pubsub import filters
from local.pubsub.filters import FilterError

ATTRIBUTES = {"eventType": "OBJECT_FINALIZE", "lang": "en-GB", "with space": "1", "empty": ""}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("attributes:lang", True),
        ("attributes:missing", False),
        ('attributes."with space" = "1"', True),
        ('attributes.eventType = "OBJECT_FINALIZE"', True),
        ('attributes.eventType = "OBJECT_DELETE"', False),
        ('attributes.eventType != "OBJECT_DELETE"', True),
        ('attributes.missing != "x"', True),
        ('attributes.missing = ""', False),
        ('attributes.empty = ""', True),
        ('hasPrefix(attributes.lang, "en")', True),
        ('hasPrefix(attributes.lang, "de")', False),
        ('hasPrefix(attributes.missing, "")', False),
        ("NOT attributes:missing", True),
        ("-attributes:lang", False),
        ("attributes:lang AND attributes:missing", False),
        ("attributes:lang OR attributes:missing", True),
        ("attributes:missing OR attributes:missing OR attributes:lang", True),
        ("attributes:lang AND (attributes:missing OR attributes:empty)", True),
        ("NOT (attributes:lang AND attributes:empty)", False),
    ],
)
def test_filters_pass_what_they_describe(text: str, passes: bool) -> None:
    assert filters.parse(text)(ATTRIBUTES) is passes


@pytest.mark.parametrize(
    "text",
    [
        "attributes",
        "attributes.lang",
        "attributes.lang = en",
        "attributes.lang == 'en'",
        'data = "x"',
        "attributes:a AND",
        "attributes:a OR attributes:b AND attributes:c",
        "(attributes:a",
        "attributes:a)",
        'hasPrefix(attributes.a "x")',
        'attributes.a = "unfinished',
        "&&",
    ],
)
def test_what_is_not_in_the_language_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(FilterError, match="filter "):
        filters.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        passes = filters.parse(text)
    except FilterError:
        return

    assert passes(ATTRIBUTES) in (True, False)


@given(key=st.text(min_size=1, max_size=20), value=st.text(max_size=20), other=st.text(max_size=20))
def test_equality_holds_for_any_key_and_value(key: str, value: str, other: str) -> None:
    quoted_key, quoted_value = json.dumps(key, ensure_ascii=False), json.dumps(value, ensure_ascii=False)

    passes = filters.parse(f"attributes.{quoted_key} = {quoted_value}")

    assert passes({key: value})
    assert passes({key: other}) == (other == value)
    assert not passes({})
