"""The benchmark of lookups draws creatives as `dedup` reads them, whatever that learns to know of one."""

from benchmarks import lookup


def test_drawn_creatives_are_held_as_those_of_the_tables_are() -> None:
    index, _, _ = lookup.held(40)

    assert index.size == 40
