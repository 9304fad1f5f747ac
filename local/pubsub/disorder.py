"""For tests: delivers every message more than once and out of order, by a seed.

Written `SEED` or `SEED:duplicates=0.5,delay=0.2`: a seed of any letters, the share of messages that are delivered twice
(all of them unless said), and the seconds within which every delivery is put off at random. The copies of a message
go their own ways, so that both may be under way at the same time.
"""

import random
import re
from dataclasses import dataclass
from typing import Self

_SETTING = r"(?:duplicates|delay)=\d+(?:\.\d+)?"
_WRITTEN = re.compile(rf"(?P<seed>[^:]+)(?::(?P<settings>{_SETTING}(?:,{_SETTING})*))?")


@dataclass(frozen=True)
class Disorder:
    """How much, and from which seed.

    Attributes:
        seed: the same seed and the same messages give the same disorder in every subscription.
        duplicates: share of messages delivered twice, 0 to 1.
        delay: upper limit of a delivery's delay in seconds.
    """

    seed: str
    duplicates: float = 1.0
    delay: float = 0.5

    @classmethod
    def parse(cls, text: str) -> Self:
        """The disorder that `text` describes.

        Raises:
            ValueError: when it describes none.
        """
        match = _WRITTEN.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not SEED[:duplicates=SHARE,delay=SECONDS]")
        settings = (part.split("=") for part in (match["settings"] or "").split(",") if part)
        return cls(match["seed"], **{name: float(value) for name, value in settings})


class Turns:
    """When each delivery of a subscription has its turn, counted from its publication."""

    def __init__(self, disorder: Disorder | None, subscription: str) -> None:
        self._disorder = disorder
        self._random = random.Random(f"{disorder.seed if disorder else ''}:{subscription}")  # noqa: S311 - not a secret

    def next(self) -> list[float]:
        """The delays in seconds of the next message's deliveries: one, at once, unless there is disorder."""
        if self._disorder is None:
            return [0.0]
        copies = 2 if self._random.random() < self._disorder.duplicates else 1
        return [self._random.uniform(0, self._disorder.delay) for _ in range(copies)]
