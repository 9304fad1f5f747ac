"""What a word on a match changes is told; what would leave nobody's choice is refused."""

from collections.abc import Sequence

import pytest

from creatives.corrections import ruling
from creatives.corrections.ruling import CircleError
from creatives.operations.tables import Tables
from tests.bigquery import Dataset
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import World

W = World()


@pytest.fixture(scope="module")
def filled(module_dataset: Dataset) -> Tables:
    """Two with copies, one alone, one that was split, one that was merged."""
    return fill(
        module_dataset,
        [
            *(W.match(name) for name in ("beach", "dog", "alone", "merged")),
            *(W.match(name, "beach") for name in ("beach-small", "beach-webp", "parted")),
            W.match("dog-small", "dog"),
            W.override("parted", "split"),
            W.override("merged", "merge", "dog"),
        ],
    )


def told(tables: Tables, action: str, name: str, other: str | None = None) -> Sequence[str]:
    """What is told of a word, with names for ids."""
    said = W.override(name, action, other)
    named = [id for id in (said.creative_id, said.canonical_id) if id]
    now = ruling.matches(tables, named)
    ruling.require_no_circle(said, now)
    sentences = ruling.told(said, now)
    for each in ("beach-small", "beach-webp", "parted", "dog-small", "beach", "dog", "alone", "merged"):
        sentences = [sentence.replace(W.creative(each), each) for sentence in sentences]
    return sentences


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        (("split", "beach-small"), ["it is no duplicate of beach any more, and is analysed for itself"]),
        (
            ("split", "alone"),
            ["it is a creative of its own already, and stays one whatever comes; no other creative is its copy"],
        ),
        (
            ("split", "beach"),
            [
                "it is a creative of its own already, and stays one whatever comes; "
                "to part a copy from it, split the copy: beach-small, beach-webp"
            ],
        ),
        (
            ("split", "parted"),
            [
                "it is a creative of its own already, and stays one whatever comes; no other creative is its copy",
                "ada said the same on 2 November 2026",
            ],
        ),
        (("merge", "alone", "dog"), ["dog stands for it now"]),
        (("merge", "alone", "dog-small"), ["dog stands for it now", "dog-small is itself a duplicate of that"]),
        (("merge", "dog-small", "dog"), ["dog stands for it already, and stays so whatever comes"]),
        (("merge", "beach", "dog"), ["dog stands for it now", "its 2 copies with it: beach-small, beach-webp"]),
        (
            ("merge", "merged", "dog"),
            ["dog stands for it already, and stays so whatever comes", "ada said the same on 2 November 2026"],
        ),
        (("merge", "merged", "beach"), ["beach stands for it now"]),
        (("reset", "alone"), ["no split or merge of it is known: what was found holds, as before"]),
        (("reset", "parted"), ["the split by ada is taken back: what was found holds again"]),
        (("reset", "merged"), ["the merge by ada is taken back: what was found holds again"]),
    ],
)
def test_it_is_told_what_a_word_changes(filled: Tables, words: tuple[str, ...], sentences: Sequence[str]) -> None:
    assert told(filled, *words) == sentences


@pytest.mark.parametrize(("copy", "canonical"), [("beach-small", "beach"), ("merged", "dog")])
def test_a_creative_is_not_merged_into_its_own_copy(filled: Tables, copy: str, canonical: str) -> None:
    with pytest.raises(CircleError, match="split it first"):
        told(filled, "merge", canonical, copy)


def test_what_was_not_compared_is_not_told_of(filled: Tables) -> None:
    assert ruling.matches(filled, ["0" * 40]) == {}
