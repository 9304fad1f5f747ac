"""Parts of a shelf: creatives in arrays as they were read, laid together to one shelf, and cut out of one."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from functions.dedup.known import Hashes
from functions.dedup.memory.shelf import COLUMNS, Columns, Numbers

type Part = tuple[dict[str, Numbers], Hashes]
"""Columns as in COLUMNS, and the frames of their rows."""

type Parts = dict[bool, list[Part]]
"""By whether they move."""

_HALVES = np.dtype([("key", ">u8"), ("rest", "V12")])
_NAMED_AT_A_TIME = 2**20  # rows


def joined(parts: list[Part]) -> tuple[Columns, Hashes, Numbers]:
    """The rows of several parts sorted by key, all their frames in that order, and which row each was among the parts'.

    Of a creative that is in several the row that was decided last stands; of two of one moment the first. It empties
    the parts, one by one and column by column: they would not fit into memory twice.
    """
    order = _order(parts)
    n_frames = _column(parts, "n_frames")[order]
    first = np.cumsum(n_frames, dtype=np.int64) - n_frames
    every_frame = _frames(parts, order, first, int(n_frames.sum()))
    lists = [columns for columns, _ in parts]
    parts.clear()
    columns = {
        name: np.concatenate([np.zeros(0, kind), *(each.pop(name) for each in lists)])[order]
        for name, kind in COLUMNS.items()
        if name != "first"
    }
    return {**columns, "first": first}, every_frame, order


def _column(parts: Sequence[Part], name: str) -> Numbers:
    return np.concatenate([np.zeros(0, COLUMNS[name]), *(columns[name] for columns, _ in parts)])


def _order(parts: Sequence[Part]) -> Numbers:
    """Where the rows that stand are among all, sorted by key."""
    keys = _column(parts, "key")
    order: Numbers = np.argsort(keys, kind="stable")
    twins = _twins(keys, order)
    if not twins.size:
        return order
    rest, decided = _column(parts, "rest").view(np.uint32).reshape(-1, 3), _column(parts, "decided_us")
    places = np.union1d(twins, twins + 1)
    rows = order[places]
    order[places] = rows[np.lexsort((-rows, decided[rows], *rest[rows].T, keys[rows]))]
    twins = _twins(keys, order)
    is_told_again = (rest[order[twins]] == rest[order[twins + 1]]).all(axis=1)
    return np.delete(order, twins[is_told_again])


def _twins(keys: Numbers, order: Numbers) -> Numbers:
    """The places of rows whose key the next one has, too."""
    in_order = keys[order]
    return np.flatnonzero(in_order[1:] == in_order[:-1])


def _frames(parts: list[Part], order: Numbers, first: Numbers, total: int) -> Hashes:
    """The frames of the rows that stand, each row's at its place."""
    every_frame = np.zeros(total, np.uint64)
    sizes = [len(columns["key"]) for columns, _ in parts]
    places = np.full(sum(sizes), -1, np.int64)
    places[order] = first
    for number, begun in enumerate(accumulate(sizes, initial=0)):
        if number == len(sizes):
            break
        columns, frames = parts[number]
        place = places[begun : begun + sizes[number]]
        stands = (place >= 0) & (columns["n_frames"] > 0)
        lengths = columns["n_frames"][stands]
        every_frame[_spread(place[stands], lengths)] = frames[_spread(columns["first"][stands], lengths)]
        parts[number] = columns, np.zeros(0, np.uint64)
    return every_frame


def _spread(first: Numbers, lengths: Numbers) -> Numbers:
    """The places from each first one on, as many as its length says."""
    begun = np.cumsum(lengths, dtype=np.int64) - lengths
    return np.repeat(first - begun, lengths) + np.arange(int(lengths.sum()))


def cut(columns: Columns, frames: Hashes, rows: Numbers, at_a_time: int) -> Iterator[Part]:
    """Some rows with their frames, in parts of so many rows."""
    for begun in range(0, len(rows), at_a_time):
        some = rows[begun : begun + at_a_time]
        part = {name: columns[name][some] for name in COLUMNS}
        own_frames = frames[_spread(part["first"], part["n_frames"])]
        part["first"] = np.cumsum(part["n_frames"], dtype=np.int64) - part["n_frames"]
        yield part, own_frames


def named(columns: Columns) -> Iterator[Numbers]:
    """The keys of the canonicals that rows name, in several lists, each once in a list."""
    canonicals = columns["canonical"]
    for begun in range(0, len(canonicals), _NAMED_AT_A_TIME):
        some = np.frombuffer(canonicals[begun : begun + _NAMED_AT_A_TIME].tobytes(), _HALVES)
        keys: Numbers = np.unique(some["key"]).astype(np.uint64)
        yield keys[keys > 0]
