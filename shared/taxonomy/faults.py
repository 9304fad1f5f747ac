"""What is wrong with a taxonomy's file: each fault with its line, all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.features import FeatureModelError

_MOST_TOLD = 100


@dataclass(frozen=True)
class Fault:
    """A fault at a line of the file, counted from 1."""

    line: int
    said: str


class TaxonomyError(FeatureModelError):
    """A taxonomy's file cannot be used.

    Attributes:
        faults: all that were found, in the order of lines.
    """

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.said)))
        told = [f"{name}:{fault.line}: {fault.said}" for fault in self.faults[:_MOST_TOLD]]
        more = len(self.faults) - len(told)
        super().__init__("\n".join([*told, *([f"… and {more} more"] if more else [])]))
