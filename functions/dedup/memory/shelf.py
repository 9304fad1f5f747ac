"""Creatives side by side in arrays: ten million fit into an instance, and are searched in milliseconds.

A creative takes 147 bytes, what moves 8 more for each of its frames, a still within bars 8 for what is inside them. Ids
are kept as their bytes: the first eight as a number, by which a creative is found, the rest beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.dedup import gate
from functions.dedup.known import FRAMES_A_SECOND, Hashes, Known
from shared.events import Kind

type Numbers = NDArray[Any]
type Columns = Mapping[str, Numbers]
"""Arrays of one length, named and typed as in COLUMNS."""

COLUMNS = {
    "key": "u8",  # the first 8 bytes of the id
    "rest": "V12",
    "family": "V20",
    "canonical": "V20",  # zeros: it stands for itself
    "pixels": "u8",  # the first half of the name of its pixels; zeros: it has none
    "other_pixels": "u8",
    "dhash": "u8",
    "hashed": "?",
    "aspect": "f8",
    "area": "i8",
    "difference": "f8",  # nan: not on record
    "inside_aspect": "f8",  # nan: not a still within bars
    "duration_s": "f8",  # nan: a still
    "decided_us": "i8",  # microseconds since 1970
    "film": "?",  # whether it is a video: an animation moves, and is an image
    "version": "u1",  # place in Versions
    "first": "i8",  # where its frames are
    "n_frames": "i4",
}

_BLOCK = 2**16  # rows that are scanned at a time: their numbers stay in the processor's cache
_MOVING_BLOCK = 2**12
_BITS = 64  # of a hash
_INSIDE = 2 * _BITS  # after whatever is near as a whole
_NOBODY = bytes(20)


class Versions:
    """Hash versions by a number each."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def number(self, name: str) -> int:
        """The number of a version; it gets one where it has none."""
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def name(self, number: int) -> str:
        """The version that has this number."""
        return self._names[number]

    @property
    def names(self) -> Sequence[str]:
        """All of them, by their numbers."""
        return self._names


def key_of(creative_id: str) -> int:
    """The first 64 bits of an id."""
    return int(creative_id[:16], 16)


class Shelf:
    """Creatives in arrays: those it was made with, by their ids, and after them those that were added."""

    def __init__(self, versions: Versions, columns: Columns | None = None, frames: Hashes | None = None) -> None:
        """`columns` are sorted by key, and their frames lie in the order of the rows."""
        self._versions = versions
        self._columns = dict(columns or {name: np.zeros(0, kind) for name, kind in COLUMNS.items()})
        self._frames = np.zeros(0, np.uint64) if frames is None else frames
        self._sorted = self.size = len(self._columns["key"])
        self._n_frames = len(self._frames)
        self._added: dict[str, int] = {}

    @property
    def n_bytes(self) -> int:
        """Of its arrays."""
        return self._frames.nbytes + sum(column.nbytes for column in self._columns.values())

    def find(self, creative_id: str) -> int | None:
        """The row of a creative."""
        if creative_id in self._added:
            return self._added[creative_id]
        keys, rest = self._columns["key"][: self._sorted], bytes.fromhex(creative_id[16:])
        at = int(np.searchsorted(keys, np.uint64(key_of(creative_id))))
        while at < self._sorted and keys[at] == key_of(creative_id):
            if self._columns["rest"][at].tobytes() == rest:
                return at
            at += 1
        return None

    def decided_us(self, row: int) -> int:
        """When that was decided which a row says: microseconds since 1970."""
        return int(self._columns["decided_us"][row])

    def put(self, known: Known, decided_us: int) -> None:
        """Takes a creative in, or what is said of it now."""
        row = self.find(known.creative_id)
        if row is None:
            row = self._new_row(known.creative_id)
        values = self._values(known) | {"decided_us": decided_us}
        if (frames := _kept_frames(known)).size:
            values["first"] = self._place_frames(row, frames)
        for name, value in values.items():
            self._columns[name][row] = value

    def rows(self) -> Iterator[tuple[Known, int]]:
        """All that are there, and when what is said of them was decided."""
        return ((self.known(row), self.decided_us(row)) for row in range(self.size))

    def known(self, row: int) -> Known:
        """What a row says."""
        said = {name: column[row] for name, column in self._columns.items()}
        moves = not np.isnan(said["duration_s"])
        still = np.array([said["dhash"]] if said["hashed"] else [], np.uint64)
        canonical = said["canonical"].tobytes()
        return Known(
            creative_id=f"{said['key']:016x}{said['rest'].tobytes().hex()}",
            kind=Kind.VIDEO if said["film"] else Kind.IMAGE,
            aspect=float(said["aspect"]),
            frames=self._frames_of(row).copy() if moves else np.append(still, self._frames_of(row)),
            duration_s=float(said["duration_s"]) if moves else None,
            hash_version=self._versions.name(said["version"]),
            family_id=said["family"].tobytes().hex(),
            pixels_sha=f"{said['pixels']:016x}{said['other_pixels']:016x}" if said["pixels"] else None,
            area=int(said["area"]),
            canonical_id=None if canonical == _NOBODY else canonical.hex(),
            difference=None if np.isnan(said["difference"]) else float(said["difference"]),
            inside_aspect=None if np.isnan(said["inside_aspect"]) else float(said["inside_aspect"]),
        )

    def near(self, own: Known, start: int = 0) -> list[int]:
        """The rows from `start` on that may pass the gate, the nearest first: `gate.MOST_NEAR` at most.

        Stills of other proportions, which are no copies, come after all that may be.

        Those that move are only preselected, by how well their anchors are found, anywhere.
        """
        found = self._near_moving(own, start) if own.moves else self._near_stills(own, start)
        keys = self._columns["key"]
        return sorted(found, key=lambda row: (found[row], keys[row]))[: gate.MOST_NEAR]

    def _near_stills(self, own: Known, start: int) -> dict[int, float]:
        found: dict[int, float] = {}
        for begin in range(start, self.size, _BLOCK):
            block = slice(begin, min(begin + _BLOCK, self.size))
            found |= self._near_inside(own, block)
            if own.frames.size:
                bits = np.bitwise_count(self._columns["dhash"][block] ^ own.frames[0])
                near = begin + np.flatnonzero(bits <= gate.IMAGE_RADIUS)
                passed = near[self._columns["hashed"][near] & self._alike(own, near)]
                reframed = self._unlikeness(own, passed) > gate.ASPECT_TOLERANCE
                apart = bits[passed - begin] + _BITS * reframed
                found |= dict(zip(passed.tolist(), apart.tolist(), strict=True))
            if own.pixels_sha:
                same = begin + np.flatnonzero(self._columns["pixels"][block] == np.uint64(key_of(own.pixels_sha)))
                found |= {int(row): 0.0 for row in same if self._columns["version"][row] == self._version(own)}
        return found

    def _near_inside(self, own: Known, block: slice) -> dict[int, float]:
        """The rows that are near by what is inside its bars, or theirs: they are no copies, and come last."""
        found: dict[int, float] = {}
        rows = np.arange(block.start, block.stop)
        with_bars = rows[self._columns["n_frames"][block] > 0]
        insides = self._frames[self._columns["first"][with_bars]]
        for number, (own_bits, aspect) in enumerate(own.shown):
            views = [(with_bars, insides, "inside_aspect")]
            if number:
                views.append((rows, self._columns["dhash"][block], "aspect"))
            for some, hashes, name in views:
                bits = np.bitwise_count(hashes ^ own_bits)
                near = bits <= gate.IMAGE_RADIUS
                passed, apart = some[near], bits[near]
                passes = self._alike(own, passed, name, aspect) & self._columns["hashed"][passed]
                found |= dict(zip(passed[passes].tolist(), (apart[passes] + _INSIDE).tolist(), strict=True))
        return found

    def _near_moving(self, own: Known, start: int) -> dict[int, float]:
        found: dict[int, float] = {}
        if not own.frames.size:
            return found
        for begin in range(start, self.size, _MOVING_BLOCK):
            rows = np.arange(begin, min(begin + _MOVING_BLOCK, self.size))
            rows = rows[(self._columns["n_frames"][rows] > 0) & self._alike(own, rows)]
            is_glance, is_part = self._by_glance(own, rows)
            is_shorter = self._columns["n_frames"][rows] < own.frames.size
            asked = ~(is_glance | is_part)
            for some, bits, radius in (
                (rows[is_glance], self._glances_at, gate.GLANCED_RADIUS),
                (rows[is_part], self._parts_of, gate.GLANCED_RADIUS),
                (rows[asked & is_shorter], self._in_own, gate.ANCHOR_RADIUS),
                (rows[asked & ~is_shorter], self._of_own, gate.ANCHOR_RADIUS),
            ):
                if some.size:
                    means = bits(own, some)
                    close = means <= radius
                    found |= dict(zip(some[close].tolist(), means[close].tolist(), strict=True))
        return found

    def _by_glance(self, own: Known, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Which of these rows were only glanced at and may have `own` for a part, and which may be parts of `own`."""
        n_frames, lasts, own_s = self._columns["n_frames"][rows], self._columns["duration_s"][rows], own.duration_s or 0
        return (
            np.asarray(gate.is_part_of_glanced(own_s, n_frames, lasts)),
            np.asarray(gate.is_part_of_glanced(lasts, own.frames.size, own_s)),
        )

    def _glances_at(self, own: Known, rows: Numbers) -> Numbers:
        """How well the key frames of these rows are found in `own`: mean bits. They are few: so large are few files."""
        return np.array([gate.glanced_bits(own, self.known(row)) for row in rows])

    def _parts_of(self, own: Known, rows: Numbers) -> Numbers:
        """How well the key frames of `own` are found in these rows: mean bits."""
        key_frames, lasts = gate.telling(own.frames), self._columns["duration_s"][rows]
        long_enough = self._columns["n_frames"][rows] >= gate.LEAST_PART_S * FRAMES_A_SECOND
        if key_frames.size < gate.FEWEST_SHOWN:
            return np.full(len(rows), np.inf)
        bits = np.sort(np.stack([*self._nearest(key_frames, rows)]), axis=0)
        counts = np.asarray(gate.shown(key_frames.size, lasts, own.duration_s or 0.0), np.int64)
        means = np.cumsum(bits, axis=0)[counts - 1, np.arange(len(rows))] / counts
        return np.where(long_enough, means, np.inf)

    def _in_own(self, own: Known, rows: Numbers) -> Numbers:
        """How well the anchors of these rows are found in `own`: mean bits."""
        places = (np.arange(gate.ANCHORS) + 0.5) / gate.ANCHORS * self._columns["n_frames"][rows][:, None]
        anchors = self._frames[self._columns["first"][rows][:, None] + places.astype(np.int64)]
        nearest = np.full(anchors.shape, 64, np.uint8)
        for frame in own.frames:
            np.minimum(nearest, np.bitwise_count(anchors ^ frame), out=nearest)
        return nearest.mean(axis=1)

    def _of_own(self, own: Known, rows: Numbers) -> Numbers:
        """How well the anchors of `own` are found in these rows: mean bits."""
        sums = np.zeros(len(rows))
        for bits in self._nearest(gate.anchors(own.frames), rows):
            sums += bits
        return sums / gate.ANCHORS

    def _nearest(self, frames: Hashes, rows: Numbers) -> Iterator[Numbers]:
        """By how many bits each of some frames differs from the nearest one of each row."""
        first = self._columns["first"][rows]
        ends = first + self._columns["n_frames"][rows]
        begin = first.min()
        theirs = self._frames[begin : ends.max()]
        edges = np.stack([first - begin, ends - begin], axis=1).ravel()
        for frame in frames:
            bits = np.append(np.bitwise_count(theirs ^ frame), np.uint8(64))  # the last edge is one past the end
            yield np.minimum.reduceat(bits, edges)[::2]

    def _alike(self, own: Known, rows: Numbers, name: str = "aspect", aspect: float | None = None) -> Numbers:
        """Which of these rows have the proportions and the hash version of `own`; of stills, inside bars as well."""
        shapes = np.abs(np.log(self._columns[name][rows] / (aspect or own.aspect))) <= gate.tolerance(own)
        alike: Numbers = shapes & (self._columns["version"][rows] == self._version(own))
        return alike

    def _unlikeness(self, own: Known, rows: Numbers) -> Numbers:
        return np.asarray(np.abs(np.log(self._columns["aspect"][rows] / own.aspect)))

    def _version(self, own: Known) -> int:
        return self._versions.number(own.hash_version)

    def _frames_of(self, row: int) -> Hashes:
        first = self._columns["first"][row]
        return self._frames[first : first + self._columns["n_frames"][row]]

    def _new_row(self, creative_id: str) -> int:
        row = self.size
        if row == len(self._columns["key"]):
            self._columns = {name: _longer(column) for name, column in self._columns.items()}
        self._columns["key"][row], self._columns["rest"][row] = key_of(creative_id), bytes.fromhex(creative_id[16:])
        self._added[creative_id] = row
        self.size += 1
        return row

    def _place_frames(self, row: int, frames: Hashes) -> int:
        """Where the frames of a row are; they are put behind all others, unless they are there."""
        if np.array_equal(self._frames_of(row), frames):
            return int(self._columns["first"][row])
        while self._n_frames + len(frames) > len(self._frames):
            self._frames = _longer(self._frames)
        first, self._n_frames = self._n_frames, self._n_frames + len(frames)
        self._frames[first : self._n_frames] = frames
        return first

    def _values(self, known: Known) -> dict[str, Any]:
        pixels = known.pixels_sha or "0" * 32
        return {
            "family": bytes.fromhex(known.family_id),
            "canonical": bytes.fromhex(known.canonical_id) if known.canonical_id else _NOBODY,
            "pixels": int(pixels[:16], 16),
            "other_pixels": int(pixels[16:32], 16),
            "dhash": known.frames[0] if known.frames.size else 0,
            "hashed": bool(known.frames.size),
            "aspect": known.aspect,
            "area": known.area,
            "difference": np.nan if known.difference is None else known.difference,
            "duration_s": np.nan if known.duration_s is None else known.duration_s,
            "film": known.kind is Kind.VIDEO,
            "version": self._version(known),
            "inside_aspect": np.nan if known.inside_aspect is None else known.inside_aspect,
            "n_frames": _kept_frames(known).size,
        }


def _kept_frames(known: Known) -> Hashes:
    """What is kept beside its row: all of what moves, of a still what is inside its bars."""
    return known.frames if known.moves else known.frames[1:]


def _longer(column: Numbers) -> Numbers:
    """The same with room for more: for a quarter, as far as that is not much."""
    return np.concatenate([column, np.zeros(min(max(1_000, len(column) // 4), 2**18), column.dtype)])
