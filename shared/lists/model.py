"""What a list of ads says, and the text and cells that it is read from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

type Cells = Sequence[object]
type Record = tuple[int, Cells]
"""The number of a line, from 1, and its cells."""

type Source = Callable[[], Iterable[str]]
"""Gives a text from its beginning, in lines with their ends as they are written."""


ONLY_THERE = "which only the machine can open that it lies on: send the files themselves"
"""What is said of a list of files in the place of addresses."""


class NotAListError(ValueError):
    """Text that is no list of ads: the message says what was found in it.

    Attributes:
        columns: of a table that lacks addresses by its names; one of them may hold them.
    """

    def __init__(self, message: str, columns: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.columns = tuple(columns)


@dataclass(frozen=True)
class Line:
    """What one line says.

    Attributes:
        number: of the line, or of the item, from 1.
        ad_id: None where it has none that can be used.
        urls: addresses, as they stand there; none where there is none.
        extra: the other columns.
        is_cut: whether it has more cells than the header has names: one of them may have been cut in two, as 1,234 is.
    """

    number: int
    ad_id: str | None
    urls: tuple[str, ...]
    extra: Mapping[str, object] = field(default_factory=dict)
    is_cut: bool = False


@dataclass(frozen=True)
class Listing:
    """What a list says.

    Attributes:
        lines: of ads, in their order; they may be gone through again, and need not be in memory.
        notes: what the user should know about how it was read.
    """

    lines: Iterable[Line]
    notes: tuple[str, ...] = ()
