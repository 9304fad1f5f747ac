"""The filter language: every form of the documentation, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
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


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', r"a\b"),
        (r'"\x41\101"', "AA"),
        (r'"\u00e9\U0001F600"', "é\U0001f600"),
        (r'"\n\t"', "\n\t"),
    ],
)
def test_escapes_stand_for_their_characters(literal: str, value: str) -> None:
    assert filters.parse(f"attributes.key = {literal}")({"key": value})


@pytest.mark.parametrize("literal", [r'"\q"', r'"\x4"', r'"\u12"', r'"\U00110000"', '"\\"'])
def test_escapes_that_are_none_are_refused(literal: str) -> None:
    with pytest.raises(FilterError):
        filters.parse(f"attributes.key = {literal}")


def test_a_filter_longer_than_the_service_takes_is_refused() -> None:
    with pytest.raises(FilterError, match="256 bytes"):
        filters.parse(f'attributes.key = "{"x" * 240}"')


def test_keys_may_have_hyphens_and_be_words_of_the_language() -> None:
    passes = filters.parse('attributes.my-key = "1" AND attributes:AND AND NOT attributes:NOT')

    assert passes({"my-key": "1", "AND": ""})
    assert not passes({"my-key": "1", "AND": "", "NOT": ""})


# Expressions as trees: rendered as text, the parser must see what the tree means.
KEYS = st.sampled_from(["a", "b-c", "with space", "AND"])
VALUES = st.sampled_from(["", "x", "xy", 'q"', "é"])
COMPARISONS = st.tuples(st.sampled_from([":", "=", "!=", "hasPrefix"]), KEYS, VALUES)
TREES = st.recursive(
    COMPARISONS,
    lambda tree: (
        st.tuples(st.just("NOT"), tree)
        | st.tuples(st.sampled_from(["AND", "OR"]), st.lists(tree, min_size=2, max_size=3))
    ),
    max_leaves=4,
)


def as_text(tree: Any) -> str:
    if tree[0] == "NOT":
        return f"NOT ({as_text(tree[1])})"
    if tree[0] in ("AND", "OR"):
        return f" {tree[0]} ".join(f"({as_text(each)})" for each in tree[1])
    operator, key, value = tree[0], json.dumps(tree[1]), json.dumps(tree[2], ensure_ascii=False)
    if operator == ":":
        return f"attributes:{key}"
    return (
        f"hasPrefix(attributes.{key}, {value})" if operator == "hasPrefix" else f"attributes.{key} {operator} {value}"
    )


def means(tree: Any, attributes: dict[str, str]) -> bool:
    if tree[0] == "NOT":
        return not means(tree[1], attributes)
    if tree[0] in ("AND", "OR"):
        return (all if tree[0] == "AND" else any)(means(each, attributes) for each in tree[1])
    operator, key, value = tree
    outcomes: dict[str, bool] = {
        ":": key in attributes,
        "=": attributes.get(key) == value,
        "!=": attributes.get(key) != value,
        "hasPrefix": key in attributes and attributes[key].startswith(value),
    }
    return outcomes[operator]


@given(TREES, st.dictionaries(KEYS, VALUES))
def test_an_expression_means_what_its_tree_means(tree: Any, attributes: dict[str, str]) -> None:
    text = as_text(tree)
    assume(len(text.encode()) <= filters.MAX_BYTES)

    assert filters.parse(text)(attributes) == means(tree, attributes)
