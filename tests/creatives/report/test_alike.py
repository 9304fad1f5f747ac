"""What is like a creative stands in a report: by the same vectors as `find --like`, its own versions left out."""

import numpy as np

from creatives.agents.meaning import Vectors
from creatives.report import alike
from tests import reports


def vectors(rows: dict[str, list[float]]) -> Vectors:
    """Of creatives by their ids, of the first numbers of each."""
    made = np.zeros((len(rows), 512), np.float32)
    for row, told in zip(made, rows.values(), strict=True):
        row[: len(told)] = told
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    nothing = np.zeros_like(made)
    return Vectors(
        np.array(list(rows)), np.array(["1"] * len(rows)), made, nothing, np.full((len(rows), 12), -1, np.int16)
    )


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
