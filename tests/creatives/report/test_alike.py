"""What is like a creative stands in a report, and what is near to things by name: by the same vectors as `find`."""

import numpy as np
from playwright.sync_api import expect

from creatives.agents import glossary
from creatives.agents.meaning import Vectors
from creatives.report import alike
from tests import reports
from tests.creatives.report.conftest import Opened


def vectors(rows: dict[str, list[float]]) -> Vectors:
    """Of creatives by their ids, of the first numbers of each."""
    made = np.zeros((len(rows), 512), np.float32)
    for row, told in zip(made, rows.values(), strict=True):
        row[: len(told)] = told
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    nothing, things = np.zeros_like(made), np.full((len(rows), 12), -1, np.int16)
    return Vectors(np.array(list(rows)), np.array(["1"] * len(rows)), made, nothing, nothing, things)


def test_a_report_tells_what_is_like_each_but_for_its_own_versions() -> None:
    one, other, far, unknown = (reports.creative(number) for number in (1, 2, 3, 6))
    version, copy = reports.variant(4, one), reports.duplicate(5, one)
    report = reports.report([one, copy, version, other, far, unknown])
    known = vectors(
        {
            far.creative_id: [0, 0, 1],
            "of another report": [1, 0],
            other.creative_id: [1, 0.5],
            one.creative_id: [1, 0],
            version.creative_id: [1, 0.1],
        }
    )

    found = alike.with_alike(report, known)

    places = {each.creative_id: place for place, each in enumerate(report.creatives)}
    assert {each.creative_id: each.alike for each in found.creatives} == {
        one.creative_id: (places[other.creative_id],),
        copy.creative_id: None,
        version.creative_id: (places[other.creative_id],),
        other.creative_id: (places[version.creative_id], places[one.creative_id]),
        far.creative_id: (),
        unknown.creative_id: None,
    }


def test_neighbours_are_what_each_is_found_to_be_like() -> None:
    random = np.random.default_rng(0)
    known = vectors({f"{number:040}": list(random.random(3) - 0.3) for number in range(450)})  # more than one round

    near = known.neighbours(known.ids.tolist(), 5)

    assert near == {each: [other for other, _ in known.by_creative(each, 5) or []] for each in known.ids.tolist()}


def test_a_report_finds_by_the_names_of_things_what_find_does() -> None:
    said = ["Hundefutter ohne Getreide", "Running shoes, 30% off", "Ferienhaus am Meer", "Assicurazione auto"]
    ones = [reports.creative(number, features={"text": text}) for number, text in enumerate(said)]
    copy = reports.duplicate(9, ones[0])
    ids, told = [each.creative_id for each in ones], [each.features for each in ones]
    known = Vectors.of([*ids, "of another report"], ["1"] * 5, [*told, told[0]])
    report = reports.report([copy, *ones])

    named = alike.with_named(report, known).named

    assert named is not None
    for name in ("dog food", "running shoes", "holiday home", "car insurance", "Katzenfutter", "locksmith"):
        (number,) = glossary.names()[" ".join(glossary.words(name))]
        places = [place for n in named.names.get(" ".join(glossary.words(name)), ()) for place, _ in named.near[n]]
        found = [report.creatives[place].creative_id for place in places]
        assert found == [each for each, _ in known.of_some(ids).by_things(24)[number]], name
    assert report.creatives.index(copy) not in {place for near in named.near for place, _ in near}


def test_what_is_named_in_another_language_is_found_in_a_report_in_a_file(opened: Opened) -> None:
    said = ["Hundefutter ohne Getreide", "Running shoes, 30% off", "Ferienhaus am Meer", "Assicurazione auto"]
    ones = [reports.creative(number, features={"text": text}) for number, text in enumerate(said)]
    known = Vectors.of([each.creative_id for each in ones], ["1"] * 4, [each.features for each in ones])

    page = opened(alike.with_named(reports.report(ones), known), "#/gallery")

    near = page.get_by_role("region", name="Close in meaning").locator(".card")
    for query, first in (("comida para perros", 0), ("scarpe da corsa", 1), ("holiday home", 2), ("car insurance", 3)):
        page.get_by_role("searchbox").fill(query)
        expect(near.first).to_contain_text(ones[first].name)
    page.get_by_role("searchbox").fill("xyzzy")
    expect(near).to_have_count(0)
    expect(page.get_by_text("No creative has these words.")).to_be_visible()


def test_a_report_without_features_finds_nothing_by_meaning() -> None:
    report = reports.report([reports.creative(1, features=None)])

    assert alike.with_named(report, Vectors.of_none()) == report
