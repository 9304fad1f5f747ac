"""A taxonomy's YAML is text that anybody wrote: it is read without obeying it, and each fault has its line."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.taxonomy import document
from shared.taxonomy.document import Entries, Items, Text
from shared.taxonomy.faults import TaxonomyError

HOSTILE = [
    ("a: 1\nb: &x [1, 2]\nc: *x\n", 2, "anchors and aliases"),
    ("a: *x\n", 1, "anchors and aliases"),
    ("a: 1\na: 2\n", 2, "'a' stands there twice, first in line 1"),
    ("b:\n  k: 1\n  k: 2\n", 3, "'k' stands there twice, first in line 2"),
    ("a: !!python/object/apply:os.system [ls]\n", 1, "tags"),
    ("a: !secret x\n", 1, "tags ('!secret') are not read"),
    ("<<: {a: 1}\n<<: {b: 2}\n", 2, "'<<' stands there twice"),
    ("a: 1\n? [x, y]\n: 2\n", 2, "a key is a list or a mapping"),
    ("a: 1\n---\nb: 2\n", 2, "a second document begins"),
    ("a: [1, 2\nb: 3\n", 2, "no YAML"),
    ("a: 1\n\tb: 2\n", 2, "no YAML"),
    ("a: 1\nb: \x07\n", 2, "a character that no text file holds"),
    ('a: 1\nb: "\\U0011ffff"\n', 2, "an escape"),
    ('"\\e[31m": 1\n"\\e[31m": 2\n', 2, r"'\x1b[31m' stands there twice"),
    ("", 1, "the file is empty"),
    ("# nothing\n", 1, "the file is empty"),
    ("[" * 100_000, 1, "nested deeper"),
    ("{a: " * 5_000, 1, "nested deeper"),
    ("a: x\n" + "- " * 20, 2, "no YAML"),
    ("x" * (document.MOST_BYTES + 1), 1, "bytes"),
]


@pytest.mark.parametrize(("content", "line", "said"), HOSTILE, ids=[said for _, _, said in HOSTILE])
def test_what_is_no_plain_yaml_is_refused_with_its_line(content: str, line: int, said: str) -> None:
    with pytest.raises(TaxonomyError) as refused:
        document.read(content.encode(), "t.yaml")

    assert refused.value.faults[0].line == line
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"t.yaml:{line}: ")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(TaxonomyError, match=r"t.yaml:2: the file is not UTF-8"):
        document.read("a: b\nb: größe\n".encode("latin-1"), "t.yaml")


def test_every_scalar_is_text_as_it_is_written() -> None:
    found = document.read(b"\xef\xbb\xbfa: [no, yes, 1_000, 012, 2026-11-27, ~, null, 1e3, '', 0x1F]\r\n", "t.yaml")

    assert isinstance(found, Entries)
    (_, items) = found.entries["a"]
    assert [each.text for each in document.texts(items)] == [
        "no", "yes", "1_000", "012", "2026-11-27", "~", "null", "1e3", "", "0x1F",
    ]  # fmt: skip


@given(st.dictionaries(st.text(string.ascii_letters, min_size=1), st.lists(st.text(string.ascii_letters)), min_size=1))
def test_what_is_written_is_read(written: dict[str, list[str]]) -> None:
    lines = [f"{key}: [{', '.join(repr(each) for each in values)}]" for key, values in written.items()]

    found = document.read("\n".join(lines).encode(), "t.yaml")

    assert isinstance(found, Entries)
    assert {key: [each.text for each in document.texts(node)] for key, (_, node) in found.entries.items()} == written
    assert [key.line for key, _ in found.entries.values()] == list(range(1, len(written) + 1))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = document.read(content, "t.yaml")
    except TaxonomyError:
        return
    assert isinstance(found, Text | Items | Entries)
