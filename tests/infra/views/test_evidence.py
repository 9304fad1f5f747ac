"""Evidence stands beside the answer that it is about, and beside no other, in whatever order they come."""

from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World


def verdicts(row: dict[str, object]) -> list[str]:
    evidence = row["evidence"]
    assert isinstance(evidence, list)
    return [each["verified"] for each in evidence]


def test_evidence_is_of_the_answer_that_is_shown_and_the_newest_of_that(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            *[w.sighting(name, name) for name in ("a", "b", "c", "d")],
            *w.analysed("a"),
            w.verification("a", "not_found", at=8),
            w.verification("a", "ocr", "unreadable", at=9, confidence=1.0),
            *w.analysed("b"),
            w.verification("b", "ocr"),
            w.answer("b", at=20),
            *w.analysed("c"),
            w.verification("c", "ocr", model="another"),
            w.fingerprint("d"),
            w.match("d", "a"),
        ]
    )

    shown = {w.name(row["creative_id"]): row for row in tables.read("creatives")}
    ads = {w.name(row["creative_id"]): row for row in tables.read("ads_enriched")}

    assert {name: (verdicts(row), row["confidence"]) for name, row in shown.items()} == {
        "a": (["ocr", "unreadable"], 1.0),
        "b": ([], None),
        "c": ([], None),
        "d": (["ocr", "unreadable"], 1.0),
    }
    assert {name: row["confidence"] for name, row in ads.items()} == {"a": 1.0, "b": None, "c": None, "d": 1.0}
