"""Who stands for whom: the same for every order in which the same creatives come."""

import itertools
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from functions.dedup import decisions, groups
from functions.dedup.known import Known
from functions.dedup.pictures.verification import Comparison
from tests.functions.dedup import creatives

Said = dict[frozenset[str], Comparison]


def known(name: str, width: int, lost: int = 0) -> Known:
    return decisions.undecided(creatives.fingerprint(name, width=width, height=100, lost=lost))


def comparison(difference: int | None) -> Comparison:
    return Comparison(same=difference is not None, family=True, score=1.0, difference=float(difference or 0))


def grouped(arriving: list[Known], said: Said) -> dict[str, str]:
    """The canonical of each, when they come one after the other."""
    standing: dict[str, Known] = {}

    def compare(one: Known, other: Known) -> Comparison:
        return said[frozenset((one.creative_id, other.creative_id))]

    for own in arriving:
        for place in groups.places(own, list(standing.values()), compare, set()):
            standing[place.known.creative_id] = replace(
                place.known,
                canonical_id=place.canonical.creative_id if place.canonical else None,
                difference=place.comparison.difference if place.comparison else None,
            )
    return {each.creative_id: each.canonical_id or each.creative_id for each in standing.values()}


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.lists(st.one_of(st.none(), st.integers(1, 3)), min_size=10, max_size=10),
)
def test_any_order_of_arrival_gives_the_same_groups(widths: list[int], differences: list[int | None]) -> None:
    arriving = [known(f"creative {at}", width) for at, width in enumerate(widths)]
    pairs = [frozenset((one.creative_id, other.creative_id)) for one, other in itertools.combinations(arriving, 2)]
    said = dict(zip(pairs, map(comparison, differences), strict=False))
    expected = grouped(arriving, said)
    orders = list(itertools.permutations(arriving))

    for order in random.Random(1).sample(orders, min(24, len(orders))):
        assert grouped(list(order), said) == expected


def test_a_copy_never_stands_for_one_that_shows_more() -> None:
    small, large = known("small", 100), known("large", 400)
    said = {frozenset((small.creative_id, large.creative_id)): comparison(1)}

    assert set(grouped([small, large], said).values()) == {large.creative_id}


def test_a_copy_of_one_that_gives_its_place_up_but_not_of_the_better_stands_for_itself_again() -> None:
    least, middle, best = known("least", 1), known("middle", 2), known("best", 3)
    said = {
        frozenset((least.creative_id, middle.creative_id)): comparison(1),
        frozenset((middle.creative_id, best.creative_id)): comparison(1),
        frozenset((least.creative_id, best.creative_id)): comparison(None),
    }

    assert grouped([least, middle, best], said) == {
        least.creative_id: least.creative_id,
        middle.creative_id: best.creative_id,
        best.creative_id: best.creative_id,
    }


def test_who_is_fixed_by_a_person_stays_where_they_are() -> None:
    small, large = known("small", 100), known("large", 400)

    (itself,) = groups.places(large, [small], lambda *_: comparison(1), {small.creative_id})

    assert itself.canonical is None


def test_of_creatives_that_show_the_same_the_enlarged_one_ranks_behind_what_it_was_made_of() -> None:
    source = creatives.fingerprint("source", width=1000, height=500)
    enlarged = creatives.fingerprint("enlarged", width=1500, height=750, detail_scale=0.625)

    assert decisions.undecided(source).rank < decisions.undecided(enlarged).rank
    assert decisions.order([enlarged, source]) == [source, enlarged]


def test_what_was_lost_tells_copies_of_one_size_apart_and_no_others() -> None:
    best_first = [
        known("larger", 101, lost=2),
        known("png", 100),
        known("jpeg", 100, lost=1),
        known("gif", 100, lost=2),
    ]

    assert sorted({*best_first}, key=lambda each: each.rank) == best_first


def film(name: str, seconds: float = 12.0, width: int = 640, lost: int = 9, **changes: object) -> Known:
    of = {"width": width, "height": 360, "lost": lost, "duration_s": seconds, "frames": [1]} | changes
    return decisions.undecided(creatives.fingerprint(name, **of))


def test_of_films_the_best_copy_stands_first_and_none_with_bars_before_one_without() -> None:
    best_first = [
        film("larger and coarse", width=960, lost=31),
        film("as it was made", lost=0),
        film("a frame longer, saved again", 12.04, lost=9),
        film("coarse", lost=15),
        film("its end cut off, fine", 11.3, lost=3),
        film("smaller", width=480, lost=0),
        film("within bars", width=1080, lost=0, picture_aspect=1.2),
    ]

    assert sorted({*best_first}, key=lambda each: each.rank) == best_first


def test_a_last_card_that_is_held_for_longer_makes_no_better_copy() -> None:
    first, last, refined = 0x0F0F, -1, -4
    banner = film("banner", 3.0, lost=9, frames=[*[first] * 6, *[last] * 6])
    held = film("its MP4, a second longer", 4.0, lost=12, frames=[*[first] * 6, refined, *[last] * 9])
    alike = film("another of so many bits", 4.0, lost=9, frames=[*[first] * 6, *[last] * 10])
    shorter = film("its first card cut", 2.0, lost=0, frames=[*[first] * 2, *[last] * 6])
    moves_on = film("a card more", 4.0, lost=9, frames=[*[first] * 6, *[last] * 6, *[first] * 4])

    assert sorted([shorter, held, banner, moves_on], key=lambda each: each.rank) == [moves_on, banner, held, shorter]
    assert alike.rank[:-1] == banner.rank[:-1]


def test_a_copy_whose_last_card_flashes_by_does_not_stand_for_one_where_it_can_be_read() -> None:
    first, last = 0x0F0F, -1
    cut = film("a GIF", 5.6, lost=0, frames=[*[first] * 22, last])
    whole = film("its MP4", 7.5, lost=12, frames=[*[first] * 22, *[last] * 8])

    assert whole.rank < cut.rank
