"""What is heard, as bits that survive encoders, bit rates and mixing down to mono, but no other words or music.

The bits are those of Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): in 33 bands from
300 to 2,000 Hz, does the energy's slope from one band to the next rise from one moment to the next? Two recordings of
the same sound differ in a tenth of them, two others in half. Loudness is kept beside them, because the bits of silence
say nothing.

No wheel on PyPI brings Chromaprint's library (pyacoustid and pychromaprint bind one that must be installed), and the
functions' runtime has none.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

RATE = 5512
"""Samples a second: the bands end at 2,000 Hz."""

HOP_S = 256 / RATE
"""Seconds from one 32-bit print to the next."""

MOST_DIFFERENT = 0.37
"""Share of bits in any window: opus at 24 kbit/s and MP3 at 32 make up to .35, one other word in a sentence .40."""

MOST_DIFFERENT_ON_AVERAGE = 0.28
"""Share of bits over the whole: the same encoders make up to .25, another tune mixed in as loud as the first .30."""

SILENCE_DB = -55.0
"""Decibels below full scale: what is softer is not heard beside anything."""

_MOST_SOFTER_DB = 20.0
"""A spot at the -23 LUFS of EBU R 128 is some 18 dB softer than one that was mastered as loud as it goes (-5 LUFS).
Beyond it a part of the louder one that is heard at -35 dB would count as silence."""

_FRAME = 2048  # 0.37 s, as in the paper
_HOP = 256
_BANDS = 33
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2000.0
_WINDOW = round(0.6 / HOP_S)  # as long as a word; the paper's blocks of 3 s do not hear one that is changed
_STEP = _WINDOW // 3
_LEAST_HEARD = 0.25  # of a window: less is the end of a tone
_SLACK = round(0.3 / HOP_S)  # encoders put some hundredths of a second before the first sample

Samples = NDArray[np.float32]
"""Mono, -1..1, `RATE` a second."""


@dataclass(frozen=True, eq=False)
class SoundPrint:
    """A sound.

    Attributes:
        bits: a print of 32 bits each `HOP_S`.
        loudness_db: of the same moments, in whole decibels below full scale.
    """

    bits: NDArray[np.uint32]
    loudness_db: NDArray[np.int8]

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """The print of a recording."""
        energies, loudness = _energies(samples)
        slopes = energies[:, :-1] - energies[:, 1:]
        rising = np.diff(slopes, axis=0, prepend=slopes[:1]) > 0
        bits = np.packbits(rising, axis=1, bitorder="little").view("<u4").reshape(-1)
        return cls(bits.astype(np.uint32), np.clip(np.round(loudness), -127, 0).astype(np.int8))

    @property
    def silent(self) -> bool:
        """Whether nothing is heard."""
        return not bool((self.loudness_db > SILENCE_DB).any())

    def packed(self) -> str:
        """The print as text."""
        return base64.b64encode(zlib.compress(self.bits.astype("<u4").tobytes() + self.loudness_db.tobytes())).decode()

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """What `packed` packed.

        Raises:
            ValueError: when the text is something else.
        """
        try:
            content = zlib.decompress(base64.b64decode(text, validate=True))
        except zlib.error as error:
            raise ValueError(f"its sound is damaged: {error}") from error
        count, rest = divmod(len(content), 5)
        if rest:
            raise ValueError("its sound is damaged: bits and loudness differ in length")
        return cls(
            np.frombuffer(content, "<u4", count).astype(np.uint32), np.frombuffer(content, np.int8, offset=4 * count)
        )


def same(one: SoundPrint | None, other: SoundPrint | None, *, shift_s: float) -> bool:
    """Whether two creatives sound alike where both are heard, second t of `other` lying at t + `shift_s` of `one`.

    No track at all sounds like a silent one.
    """
    if one is None or other is None:
        return all(each is None or each.silent for each in (one, other))
    windows = difference(one, other, shift_s=shift_s)
    return max(windows) <= MOST_DIFFERENT and sum(windows) / len(windows) <= MOST_DIFFERENT_ON_AVERAGE


def difference(one: SoundPrint, other: SoundPrint, *, shift_s: float) -> list[float]:
    """The share of bits that differ in each window of 0.6 s that both have; 1 where only one of them is heard.

    The shift is searched around `shift_s`: the best of them holds for the whole.
    """
    around = round(shift_s / HOP_S)
    return min((_Laid.of(one, other, around + slack).windows() for slack in range(-_SLACK, _SLACK + 1)), key=np.mean)


@dataclass(frozen=True, eq=False)
class _Laid:
    """Two sounds, moment by moment, where both have one.

    Attributes:
        differing: bits.
        both: where both are heard.
        either: where one is heard that would be in the other, too, if that was softer all through.
    """

    differing: NDArray[np.uint8]
    both: NDArray[np.bool_]
    either: NDArray[np.bool_]

    @classmethod
    def of(cls, one: SoundPrint, other: SoundPrint, shift: int) -> Self:
        """The second one lies `shift` moments later."""
        start, stop = max(0, shift), max(0, shift, min(one.bits.size, other.bits.size + shift))
        here, there = slice(start, stop), slice(start - shift, stop - shift)
        loud, loud_there = one.loudness_db[here].astype(np.int16), other.loudness_db[there].astype(np.int16)
        both = (loud > SILENCE_DB) & (loud_there > SILENCE_DB)
        louder = _louder_db(loud[both], loud_there[both])
        either = (loud > SILENCE_DB + max(0.0, louder)) | (loud_there > SILENCE_DB + max(0.0, -louder))
        return cls(np.bitwise_count(one.bits[here] ^ other.bits[there]), both, either)

    def windows(self) -> list[float]:
        """The share of bits that differ in each window; all of them where the sounds do not meet."""
        if not self.both.size:
            return [1.0]
        starts = range(0, max(1, self.both.size - _WINDOW // 2), _STEP)
        return [self._window(slice(at, at + _WINDOW)) for at in starts]

    def _window(self, at: slice) -> float:
        both = self.both[at]
        if both.mean() >= _LEAST_HEARD:
            return float(self.differing[at][both].mean()) / 32
        return 1.0 if self.either[at].mean() >= _LEAST_HEARD else 0.0


def _louder_db(loud: NDArray[np.int16], loud_there: NDArray[np.int16]) -> float:
    """By how much one sound is louder than another all through: what is silence in the softer one is heard in it."""
    if not loud.size:
        return 0.0
    return float(np.clip(np.median(loud - loud_there), -_MOST_SOFTER_DB, _MOST_SOFTER_DB))


def _energies(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The logarithms of the bands' energies (moments x 33), and the loudness of each moment in decibels."""
    padded = np.concatenate([samples, np.zeros(max(0, _FRAME - samples.size), np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    loudness = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32), axis=1)) ** 2
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1) * _FRAME / RATE
    starts = np.round(edges).astype(int)
    return np.log(np.add.reduceat(spectra[:, : starts[-1]], starts[:-1], axis=1) + 1e-9), loudness
