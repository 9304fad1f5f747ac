"""What is read of lists of results lies in files of SQLite's, not in memory: lists may have millions of lines.

The files have no names, and go with the process.
"""

import sqlite3
import weakref
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from shared.events import Result

_SQL = {path.stem: path.read_text() for path in (Path(__file__).parent / "sql").glob("*.sql")}
_PRAGMAS = "PRAGMA journal_mode = OFF; PRAGMA cache_size = -65536;"


class Parts:
    """What the lines of a list say, until all that is said of one place stands together."""

    def __init__(self) -> None:
        self._file = _opened("parts_schema", self)

    def is_new(self, signature: int) -> bool:
        """Whether no line of this signature was asked about before."""
        return self._file.execute(_SQL["see"], (signature,)).rowcount == 1

    def add(self, place: str, part: str) -> None:
        """Keeps what a line says of a place."""
        self._file.execute(_SQL["add_part"], (place, part))

    def by_place(self) -> Iterator[tuple[str, list[str]]]:
        """The places in their order, each with all its parts."""
        for place, some in groupby(self._file.execute(_SQL["parts"]), key=itemgetter(0)):
            yield place, [part for _, part in some]


class Results(Collection[Result]):
    """Results that were read, in their order."""

    def __init__(self) -> None:
        self._file = _opened("rows_schema", self)
        self._n = 0
        self._runs: dict[str, None] = {}

    def add(self, row: Result) -> None:
        """Keeps one more."""
        self._file.execute(_SQL["add_row"], (row.ad_id, row.model_dump_json(exclude_none=True)))
        self._n += 1
        self._runs[row.event_id.rpartition("-")[0]] = None

    @property
    def runs(self) -> list[str]:
        """What their events' ids begin with, up to a number: one for each list that was read."""
        return list(self._runs)

    def as_json(self) -> Iterator[str]:
        """Each as a JSON object, as it is a row of the table."""
        for (row,) in self._file.execute(_SQL["rows"]):  # a generator: it keeps what it reads from open
            yield row

    @property
    def n_ads(self) -> int:
        """How many ads they are of."""
        (found,) = self._file.execute(_SQL["ads"]).fetchone()
        return int(found)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Result]:
        for row in self.as_json():
            yield Result.model_validate_json(row)

    def __contains__(self, row: object) -> bool:
        return any(row == each for each in self)


def _opened(schema: str, owner: object) -> sqlite3.Connection:
    """A file that is gone with its owner."""
    file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    file.executescript(_PRAGMAS + _SQL[schema])
    file.execute("BEGIN")
    weakref.finalize(owner, file.close)
    return file
