"""What `dedup` is asked about, and what it knows of other creatives, as the gate and the decision see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from shared.events import Canonical, Fingerprint, Kind, Match, Override

Rank = tuple[bool, int, float, int, str]
"""Bars, then how much is shown, for how long, how little of it was lost, and whose it is."""

LOST_STEPS = 32
"""Pixels: by fewer the areas of films of one size differ, which say what their encoders lost."""

Hashes = NDArray[np.uint64]
"""dHashes, a video's four a second, of a large file its key frames'."""

FRAMES_A_SECOND = 4
_READ_S = 0.5  # seconds that words have to be there to be read, and so to be extracted

_REFINED_BITS = 4  # by which the hashes of a card differ at most while a video's encoder refines it

OVERRIDE = "override"
"""The method of a match that says what a correction says: with the correction taken back it no longer counts."""


@dataclass(frozen=True, eq=False)
class Known:
    """A creative that others are compared with.

    Attributes:
        aspect: width divided by height, of what moves inside its bars.
        frames: the hashes its pictures have: one for an image, one more of what is inside its bars; four a second for a
            video; none when near blank.
        duration_s: of what moves, seconds.
        family_id: leads to the creative that stands for all versions of one design.
        pixels_sha: equal for equal pixels.
        area: pixels that it shows (see `decisions.shown_area`); 0 where that is not on record.
        canonical_id: whose duplicate it is; None where it stands for itself.
        difference: from that one.
        inside_aspect: within bars, that of what is inside them.
    """

    creative_id: str
    kind: Kind
    aspect: float
    frames: Hashes
    duration_s: float | None
    hash_version: str
    family_id: str
    pixels_sha: str | None = None
    area: int = 0
    canonical_id: str | None = None
    difference: float | None = None
    inside_aspect: float | None = None

    @property
    def moves(self) -> bool:
        """Whether it is shown over time: a video, or a picture that is animated."""
        return self.duration_s is not None

    @classmethod
    def of(cls, canonical: Canonical) -> Self:
        """A creative of ours, before its row can be read back."""
        return cls(
            creative_id=canonical.creative_id,
            kind=canonical.kind,
            aspect=canonical.aspect,
            frames=hashes(canonical.frames if canonical.dhash is None else [canonical.dhash, *canonical.frames]),
            duration_s=canonical.duration_s,
            hash_version=canonical.hash_version,
            family_id=canonical.family_id,
            pixels_sha=canonical.pixels_sha,
            area=canonical.area or 0,
            canonical_id=canonical.canonical_id,
            difference=canonical.difference,
            inside_aspect=canonical.inside_aspect,
        )

    @property
    def shown(self) -> list[tuple[np.uint64, float]]:
        """A still's hash and proportions, as a whole and inside its bars."""
        aspects = [self.aspect, self.inside_aspect]
        return [(bits, aspect) for bits, aspect in zip(self.frames, aspects, strict=False) if aspect is not None]

    @property
    def rank(self) -> Rank:
        """The least is the best copy, whatever came first: by pixels that it shows, its length, then the lowest id.

        What moves within bars is behind all that has none, however large those make it. Its length counts by halves of
        a second, of which encoders round a part off, and ends half a second after its last picture came: to hold that
        one for longer, as videos made of banners do, shows nothing more; one that flashes by is not read.
        """
        if not self.moves:
            return False, -self.area, 0.0, 0, self.creative_id
        size = -(-self.area // LOST_STEPS)
        seconds = round(2 * self._seen_s) / 2
        return self.inside_aspect is not None, -size, -seconds, -self.area, self.creative_id

    @property
    def _seen_s(self) -> float:
        """When its last picture has been there for half a second; when it ends, where that is earlier."""
        return min(self._comes_to_stand_s + _READ_S, self.duration_s or 0.0)

    @property
    def _comes_to_stand_s(self) -> float:
        """When its last picture is reached, as far as it has a hash for each quarter of a second; else when it ends."""
        duration_s = self.duration_s or 0.0
        if abs(self.frames.size - duration_s * FRAMES_A_SECOND) > 1:
            return duration_s
        another = np.flatnonzero(np.bitwise_count(self.frames ^ self.frames[-1:]) > _REFINED_BITS)
        return (int(another[-1]) + 1) / FRAMES_A_SECOND if another.size else 0.0

    @property
    def comparable(self) -> bool:
        """Whether anything can come near it."""
        return bool(self.frames.size) or self.pixels_sha is not None

    def shows_pixels_of(self, other: "Known") -> bool:
        """Whether both show the same pixels, kept in whatever format."""
        return self.pixels_sha is not None and self.pixels_sha == other.pixels_sha


@dataclass(frozen=True)
class Ruling:
    """The newest override of a creative: a person's word, over any decision of ours."""

    action: Literal["split", "merge", "reset"]
    canonical_id: str | None
    occurred_at: datetime

    @classmethod
    def of(cls, override: Override) -> Self:
        """What an override says, before its row can be read back."""
        return cls(override.action, override.canonical_id, override.occurred_at)

    def newest(self, other: "Ruling | None") -> "Ruling":
        """This one, or the other where that was made later."""
        return other if other and other.occurred_at > self.occurred_at else self


@dataclass(frozen=True)
class Case:
    """A creative to be judged.

    Attributes:
        correction: why it is judged again, where a person asked for that.
    """

    fingerprint: Fingerprint
    correction: Ruling | None = None


@dataclass(frozen=True)
class History:
    """What is on record about a creative that is asked about.

    Attributes:
        match: the decision made before, if any.
        is_canonical: whether others count on it as their canonical, so that it must stay one.
    """

    match: Match | None = None
    is_canonical: bool = False


def hashes(signed: list[int]) -> Hashes:
    """Signed hashes, as events and BigQuery have them, as bits."""
    return np.array(signed, np.int64).view(np.uint64)
