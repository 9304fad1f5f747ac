"""What is known about waiting creatives: near canonicals, decisions made before, people's corrections.

BigQuery bills bytes, and most of those of a table whatever is asked. So creatives are not looked up there, but in the
index of this instance (memory/index.py), which is read when the instance starts, and once a day again: what was read
before is kept (memory/snapshot.py), and BigQuery is asked for the days since. Every few minutes it is asked what others
decided, which reads a day's narrow columns: see `benchmarks/lookup.py`.
"""

import math
import os
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import MappingProxyType

import numpy as np
from google.cloud import bigquery

from functions.dedup import gate
from functions.dedup.asking import Tables
from functions.dedup.known import Hashes, History, Known, Ruling
from functions.dedup.memory import packed
from functions.dedup.memory.index import Index, OnRecord, sorted_keys
from functions.dedup.memory.parts import Part, Parts, cut, joined, named
from functions.dedup.memory.shelf import Columns, Numbers, Shelf, Versions
from functions.dedup.memory.snapshot import ROWS, Read, Snapshot, Source, of_keys, of_shelf
from shared import log
from shared.events import Fingerprint, Kind, Match

SEEN_LATE = timedelta(hours=1)
"""How late a row may come to BigQuery for a running instance to see it; a later one it sees when it reads all anew."""

READ_ANEW_S = 24 * 3600.0
"""So long an instance may know of what was erased meanwhile, or came to BigQuery too late to be seen."""

_FIRST_PAUSE_S = 5.0
_TRIES = 3  # to find the row of a decision: they come to BigQuery by subscriptions of their own
_AROUND = timedelta(days=1)
_PACKED_BY = 2  # digits of ids, where a day or some are read
_ALWAYS = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

type _Decided = tuple[str, int]


class Lookup:
    """Knows the tables of one dataset. One thread at a time may ask it; for a fingerprint any may."""

    def __init__(self, tables: Tables, snapshot: Snapshot, *, refresh_s: float) -> None:
        """Nothing is read before the first `refresh`; what others decided may become `refresh_s` old, at first less."""
        self._tables = tables
        self._snapshot = snapshot
        self._refresh_s = refresh_s
        self._pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="near")  # numpy releases the GIL
        self._index = Index.empty()
        self._rulings: Mapping[str, Ruling] = {}
        self._rulings_of: str | None = None
        self._read_at = self._refreshed_at = -math.inf
        self._seen_until = _ALWAYS[0]
        self._tries: Counter[_Decided] = Counter()

    @property
    def index(self) -> Index:
        """What is known at the moment."""
        return self._index

    def refresh(self) -> None:
        """Reads all, the first time and once a day; else what is newer, where that was not asked for a while.

        Raises:
            GoogleAPIError: the client's; it is tried again at the next call.
        """
        now, begun = time.monotonic(), datetime.now(UTC)
        if now - self._read_at >= READ_ANEW_S:
            self._read_at = -math.inf
            self._read()
            self._read_at = now
        elif now - self._refreshed_at >= min(self._refresh_s, pause_s(now - self._read_at)):
            self._read_newer()
        else:
            return
        self._read_rulings()
        self._refreshed_at, self._seen_until = now, begun

    def learn(self, known: Known, decided_at: datetime) -> None:
        """Takes in where a creative stands by a decision of this instance."""
        self._index.put(known, (decided_at - _EPOCH) // _MICROSECOND)

    def near(self, waiting: Sequence[Known]) -> dict[str, list[Known]]:
        """The creatives that may pass the gate, by the id of the waiting one; what moves is only preselected."""
        comparable = [known for known in waiting if known.comparable]
        found_near = self._pool.map(self._index.near, comparable)
        found = {known.creative_id: near for known, near in zip(comparable, found_near, strict=True)}
        for creative_id, near in found.items():
            if len(near) >= gate.MOST_NEAR:
                log.warning("more is near than is looked at", creative_id=creative_id, looked_at=gate.MOST_NEAR)
        return found

    def history(self, waiting: Mapping[str, Kind]) -> dict[str, History]:
        """What is on record about the waiting creatives, by id."""
        decided = self._decided([one for one in waiting if self._index.is_decided(one)], waiting)
        return {one: History(decided.get(one), is_canonical=self._index.is_canonical(one)) for one in waiting}

    def corrections(
        self, creative_ids: Collection[str], lately: Mapping[str, Ruling] = MappingProxyType({})
    ) -> dict[str, Ruling]:
        """The newest correction of each creative, and of those they were merged into, and so on.

        `lately` are corrections that the table may not show yet.
        """
        found: dict[str, Ruling] = {}
        asked = set(creative_ids) | lately.keys()
        while asked:
            said = {one: ruling for one in asked if (ruling := self._ruling(one, lately))}
            found |= said
            asked = {ruling.canonical_id for ruling in said.values() if ruling.canonical_id} - found.keys()
        return found

    def fingerprint(self, creative_id: str) -> Fingerprint | None:
        """What a creative was measured to be, last; None where it has not been measured, or its row is under way."""
        asked = bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id)
        for row in self._tables.rows("fingerprint", asked):
            return Fingerprint.model_validate({"event_id": "earlier", **dict(row.items())})
        return None

    def _read_rulings(self) -> None:
        """People's corrections, where there may be others: they are rare, and to ask for them is half of the bill."""
        description = self._tables.description("overrides")  # before they are read: what comes after is seen next time
        if description is not None and description == self._rulings_of:
            return
        self._rulings = {
            row["creative_id"]: Ruling(row["action"], row["canonical_id"], row["occurred_at"])
            for row in self._tables.rows("overrides")
        }
        self._rulings_of = description

    def _ruling(self, creative_id: str, lately: Mapping[str, Ruling]) -> Ruling | None:
        stored, told = self._rulings.get(creative_id), lately.get(creative_id)
        return stored.newest(told) if stored else told

    def _read(self) -> None:
        """What is kept of earlier readings, and what is newer. What was known before is let go of first."""
        started, now = time.monotonic(), datetime.now(UTC)
        self._index = Index.empty()
        versions = Versions()
        canonicals = self._tables.described("canonicals")
        source = Source(str(canonicals.created), canonicals.num_rows or 0)
        listed, kept = self._snapshot.load(versions, source, now)
        newer = self._newer(versions, listed.since(now))
        shelves = {moves: _laid(kept.parts[moves], newer.parts[moves]) for moves in (False, True)}
        decided, on_record = sorted_keys(newer.decided), sorted_keys(newer.named)
        by_others = chain.from_iterable(named(laid.columns) for laid in shelves.values())
        self._index = Index(
            *(Shelf(versions, laid.columns, laid.frames) for laid in shelves.values()),
            decided=OnRecord(sorted_keys([*kept.decided, decided])),
            named=OnRecord(sorted_keys([*kept.named, on_record, *by_others])),
        )
        took = round(time.monotonic() - started, 1)
        log.info(
            "index read", creatives=self._index.size, bytes=self._index.n_bytes, seconds=took, parts=len(listed.names)
        )
        if self._index.size and listed.is_old(now):
            parts = [
                of_shelf(moves, versions, cut(laid.columns, laid.frames, laid.newer, ROWS[moves]))
                for moves, laid in shelves.items()
            ]
            self._snapshot.keep(listed.read_now(source, now), chain(*parts, [of_keys(decided, on_record)]))

    def _newer(self, versions: Versions, since: datetime | None) -> Read:
        """What BigQuery has of some time on, or all that it has."""
        few = None if since is None else _PACKED_BY
        begun = bigquery.ScalarQueryParameter("since", "TIMESTAMP", since or _ALWAYS[0])
        parts = self._parts(versions, [], begun, few or self._tables.digits("canonicals"))
        rows = list(self._tables.rows("on_record", begun, _digits(few or self._tables.digits("matches"))))
        keys = [packed.keys(row["creative_ids"]) for row in rows]
        return Read(
            parts,
            [own for own, row in zip(keys, rows, strict=True) if row["is_decided"]],
            [own for own, row in zip(keys, rows, strict=True) if row["is_canonical"]],
        )

    def _read_newer(self) -> None:
        """What was decided since, but not here. Its rows may not have come yet: they are looked for a few times."""
        since = bigquery.ScalarQueryParameter("since", "TIMESTAMP", max(self._seen_until - SEEN_LATE, _ALWAYS[0]))
        decided = [(row["creative_id"], row["decided_us"]) for row in self._tables.rows("lately", since)]
        news = [each for each in decided if self._index.is_older(*each)]
        looked_for = [creative_id for creative_id, at in news if self._tries[creative_id, at] < _TRIES]
        self._tries = Counter({each: self._tries[each] + 1 for each in news})
        if not looked_for:
            return
        versions = Versions()
        at = _EPOCH + min(at for _, at in news) * _MICROSECOND  # rows of a decision say one time
        begun = bigquery.ScalarQueryParameter("since", "TIMESTAMP", at)
        for part in [part for both in self._parts(versions, looked_for, begun, 1).values() for part in both]:
            for known, decided_us in Shelf(versions, *joined([part])[:2]).rows():
                self._index.put(known, decided_us)

    def _parts(
        self, versions: Versions, creative_ids: Collection[str], since: bigquery.ScalarQueryParameter, digits: int
    ) -> Parts:
        """Where creatives stand, packed: those that are named, or all if none is; by whether they move."""
        parts: Parts = {False: [], True: []}
        for moves, part in self._tables.read(
            "standing",
            lambda row: (row["moves"], packed.columns(row, versions)),
            bigquery.ScalarQueryParameter("everything", "BOOL", not creative_ids),
            bigquery.ArrayQueryParameter("creative_ids", "STRING", sorted(creative_ids)),
            since,
            _digits(digits),
        ):
            parts[moves].append(part)
        return parts

    def _decided(self, creative_ids: Collection[str], kinds: Mapping[str, Kind]) -> dict[str, Match]:
        """What was decided, looked for around the time that is on record, and anywhere if it is not there."""
        times = [_EPOCH + at * _MICROSECOND for one in creative_ids if (at := self._index.decided_us(one))]
        found = self._decisions(creative_ids, kinds, min(times) - _AROUND, max(times) + _AROUND) if times else {}
        missing = [one for one in creative_ids if one not in found]
        return found | (self._decisions(missing, kinds, *_ALWAYS) if missing else {})

    def _decisions(
        self, creative_ids: Collection[str], kinds: Mapping[str, Kind], earliest: datetime, latest: datetime
    ) -> dict[str, Match]:
        rows = self._tables.rows(
            "decided",
            bigquery.ArrayQueryParameter("creative_ids", "STRING", sorted(creative_ids)),
            bigquery.ScalarQueryParameter("earliest", "TIMESTAMP", earliest),
            bigquery.ScalarQueryParameter("latest", "TIMESTAMP", latest),
        )
        return {
            row["creative_id"]: Match(event_id="earlier", kind=kinds[row["creative_id"]], **dict(row.items()))
            for row in rows
        }


def pause_s(age_s: float) -> float:
    """How long to know nothing newer is well, so long after all was read: a third of that.

    An instance that is killed leaves decisions behind that BigQuery shows some seconds later: the next one soon knows.
    """
    return max(_FIRST_PAUSE_S, age_s / 3)


@dataclass(frozen=True)
class _Laid:
    """A shelf's arrays; `newer`: the rows that were not kept."""

    columns: Columns
    frames: Hashes
    newer: Numbers


def _laid(kept: list[Part], newer: list[Part]) -> _Laid:
    n_kept = sum(len(columns["key"]) for columns, _ in kept)
    both = [*kept, *newer]
    kept.clear()
    newer.clear()
    columns, frames, order = joined(both)
    return _Laid(columns, frames, np.flatnonzero(order >= n_kept))


def _digits(number: int) -> bigquery.ScalarQueryParameter:
    return bigquery.ScalarQueryParameter("digits", "INT64", number)
