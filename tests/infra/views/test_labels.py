"""People's tags and notes: on all that show the same, until they are taken off, in whatever order that arrives."""

from typing import Any

from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World


def test_a_label_holds_for_all_that_show_the_same_until_it_is_taken_off(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            w.sighting("x", "a"), *w.analysed("a"), w.sighting("y", "copy"), *w.copied("copy", "a"),
            w.sighting("z", "other"), *w.analysed("other"),
            w.label("copy", "summer"), w.label("a", "beach", at=61), w.label("a", "old", at=62),
            w.label("copy", "old", at=63, action="remove"),
            w.label("a", "Ask the agency", kind="note", at=64), w.label("a", "Runs until May", kind="note", at=63),
            w.label("other", "summer", action="remove", at=60), w.label("other", "summer", at=59),
            w.label("not yet known", "later"),
        ]
    )  # fmt: skip

    told = {row["creative_id"]: labels_of(row) for row in tables.read("creatives")}

    expected = (["beach", "summer"], [("Runs until May", "ada"), ("Ask the agency", "ada")])
    assert told == {w.creative("a"): expected, w.creative("copy"): expected, w.creative("other"): ([], [])}
    ads = {row["creative_id"]: labels_of(row) for row in tables.read("ads_enriched")}
    assert ads == told


def test_what_is_split_keeps_what_was_said_of_itself(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            *w.analysed("a"),
            *w.copied("copy", "a"),
            w.label("copy", "summer"),
            w.label("a", "beach"),
            w.override("copy", "split"),
        ]
    )

    told = {row["creative_id"]: row["tags"] for row in tables.read("creatives")}

    assert told == {w.creative("a"): ["beach"], w.creative("copy"): ["summer"]}


def labels_of(row: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    return row["tags"], [(note["text"], note["author"]) for note in row["notes"]]
