"""The list of reasons is closed, documented, in words that people who run ads understand, and all of it is in use."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from creatives.operations.failures import LASTING
from shared import reasons
from shared.reasons import GAVE_UP, SENTENCES, Reason
from shared.wiring import ROOT

OURS = [path for folder in ("functions", "shared", "creatives") for path in sorted((ROOT / folder).rglob("*.py"))]
OF_PROGRAMMERS = re.compile(r"traceback|exception|null|json|http\b|status|timeout|codec|parse|schema|\d{3}", re.I)


@cache
def used() -> frozenset[str]:
    """The reasons that code gives, wherever it does."""
    return frozenset(_used())


def _used() -> Iterator[str]:
    for path in OURS:
        if path.name == "reasons.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason":
                yield node.attr


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_given_somewhere(reason: Reason) -> None:
    assert reason.name in used()


@pytest.mark.parametrize("reason", [*Reason, GAVE_UP])
def test_a_reason_has_a_sentence_that_needs_no_programmer(reason: str) -> None:
    sentence = reasons.sentence(reason)

    assert re.fullmatch(r"[A-Z].{20,118}\.", sentence)
    assert not OF_PROGRAMMERS.search(sentence)


def test_there_is_no_sentence_for_anything_else() -> None:
    assert set(SENTENCES) == set(Reason)
    with pytest.raises(ValueError, match="of_no_kind"):
        reasons.sentence("of_no_kind")


def test_views_name_no_other_reason() -> None:
    views = "\n".join(path.read_text() for path in (ROOT / "infra" / "views").glob("*.sql"))

    named = re.findall(r"reason (?:=|IN) \(?((?:'\w+'(?:, )?)+)", views) + re.findall(r"THEN ('malformed_\w+')", views)

    assert set(re.findall(r"\w+", " ".join(named))) == {Reason.MALFORMED_AD, GAVE_UP}


def test_the_list_is_documented_as_it_is() -> None:
    documented = (ROOT / "docs" / "reasons.md").read_text()

    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", documented, re.M)

    told = [
        (reason, reasons.sentence(reason), "by name" if reason in LASTING else "yes") for reason in [*Reason, GAVE_UP]
    ]
    assert rows == told
