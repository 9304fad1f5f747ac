"""What is heard, as prints that survive encoders, bit rates and mixing down to mono, but no other words or music.

Kept is how loud each semitone from 100 to 2,400 Hz is, moment by moment, down to 20 dB below the loudest one: what is
softer beside it is what encoders write anew. Two sounds are compared by how the levels slope from one semitone to the
next, which is what sounds at a moment, and by how that changes from moment to moment, which tells another word over
music that goes on. Loudness as a whole is left out, and kept beside it, because the levels of silence say nothing.

Films of before film/18 kept only the bits of Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR
2002): in 33 bands from 300 to 2,000 Hz, does the slope from one band to the next rise from one moment to the next? Of a
note that is held it does neither, so that an encoder's noise decides: of a test tone, a chord or words over slow music
two files of one sound had half of their bits in common, as strangers have. Bits are kept to be compared with theirs.

No wheel on PyPI brings Chromaprint's library (pyacoustid and pychromaprint bind one that must be installed), and the
functions' runtime has none.
"""

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Self

import numpy as np
from numpy.typing import NDArray

RATE = 5512
"""Samples a second: the tones end at 2,400 Hz."""

HOP_S = 256 / RATE
"""Seconds from one moment to the next."""


MOST_APART = 0.25
"""Share of the slopes that may differ in any window: 24 kinds of sound (tones, chords, beeps, music, words over it,
noise) and 90 sentences by espeak-ng and flite, by aac, opus, MP3 and Vorbis at 32 to 192 kbit/s, make up to .14, chords
of pure tones beside words by AAC at 48 kbit/s in mono up to .23; all that is a semitone higher or lower .4 and more,
another tune mixed in as loud as the first .3, other noise .29. Of other words turns tell."""

MOST_TURNED = 0.133
"""Share of the turns: the same files make up to .10, opus and MP3 at 24 and 32 kbit/s up to .14; of 150 files of people
who speak, AAC at 48 and 32 kbit/s in mono, opus at 24 and MP3 at 32 up to .128. One other word of a sentence ("twenty"
for "fifty", "Sonntag" for "Montag") makes .139 and more, over music as loud as it .11 and more. A word under music that
is much louder is not told."""

MOST_DIFFERENT = 0.37
"""Share of bits, where one print has no more, in any window: opus at 24 kbit/s and MP3 at 32 make up to .35, one other
word in a sentence .40."""

MOST_DIFFERENT_ON_AVERAGE = 0.28
"""Share of bits over the whole: the same encoders make up to .25, another tune mixed in as loud as the first .30."""

SILENCE_DB = -55.0
"""Decibels below full scale: what is softer is not heard beside anything."""

_MOST_SOFTER_DB = 20.0
"""A spot at the -23 LUFS of EBU R 128 is some 18 dB softer than one that was mastered as loud as it goes (-5 LUFS).
Beyond it a part of the louder one that is heard at -35 dB would count as silence."""

_FRAME = 2048  # 0.37 s
_HOP = 256
_BANDS = 33
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 2000.0
_WINDOW = round(0.6 / HOP_S)  # as long as a word; the paper's blocks of 3 s do not hear one that is changed
_STEP = _WINDOW // 3
_LEAST_HEARD = 0.25  # of a window: less is the end of a tone
_OF_WINDOW = 8 / 3  # Hann's window leaves so much less of a sound that goes on
_TONES = 55
_LOWEST_TONE_HZ, _HIGHEST_TONE_HZ = 100.0, 2400.0
_FLOOR_DB, _LEVELS_PER_DB = 20.0, 2
_AND = "."  # between what prints always had and their levels; none of base64's letters
_ALWAYS_DB = 1.0, 2.0  # a tone, of slopes and of turns: what encoders leave of what stands still
_SOFT_DB, _OF_SOFT = 20.0, 0.5  # below the loudest of all; rooms make up to .24, an encoder's noise in them
_NEAR_DB = 15.0  # what is softer than the loudest within a word's length is its end, or a room
_FULL = 0.9  # of the tones above the floor: noise has all of them, words over music up to .76
_STILL_DB = 0.4  # a tone, from one moment to the next: what is held, or beeps; words make .6 and more
_DRAWN_ANEW = 0.5  # of a share that encoders make: of noise .31 where other noise makes .59, of notes that are held .25
_PARTS = 0.125, 0.25, 0.375  # of a moment: half of one beside each other, two copies' turns differ by up to .20
_SLACK = round(0.3 / HOP_S)  # encoders put some hundredths of a second before the first sample

Samples = NDArray[np.float32]
"""Mono, -1..1, `RATE` a second."""


@dataclass(frozen=True, eq=False)
class SoundPrint:
    """A sound.

    Attributes:
        bits: a print of 32 bits each `HOP_S`.
        loudness_db: of the same moments, in whole decibels below full scale.
        levels: of each of 55 tones, in half decibels above the floor of their moment; None in prints of before film/18.
    """

    bits: NDArray[np.uint32]
    loudness_db: NDArray[np.int8]
    levels: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """The print of a recording."""
        spectra, loudness = _spectra(samples)
        energies = np.log(_in_bands(spectra, _BANDS, _LOWEST_HZ, _HIGHEST_HZ) + 1e-9)
        slopes = energies[:, :-1] - energies[:, 1:]
        rising = np.diff(slopes, axis=0, prepend=slopes[:1]) > 0
        bits = np.packbits(rising, axis=1, bitorder="little").view("<u4").reshape(-1)
        return cls(bits.astype(np.uint32), np.clip(np.round(loudness), -127, 0).astype(np.int8), _levels(spectra))

    @property
    def silent(self) -> bool:
        """Whether nothing is heard."""
        return not bool((self.loudness_db > SILENCE_DB).any())

    def packed(self) -> str:
        """The print as text."""
        bits = _text(self.bits.astype("<u4").tobytes() + self.loudness_db.tobytes())
        if self.levels is None:
            return bits
        changes = np.diff(self.levels, axis=0, prepend=np.zeros((1, _TONES), np.uint8))
        return f"{bits}{_AND}{_text(changes.tobytes())}"

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """What `packed` packed.

        Raises:
            ValueError: when the text is something else.
        """
        bits, _, levels = text.partition(_AND)
        content = _content(bits)
        count, rest = divmod(len(content), 5)
        if rest:
            raise ValueError("its sound is damaged: bits and loudness differ in length")
        return cls(
            np.frombuffer(content, "<u4", count).astype(np.uint32),
            np.frombuffer(content, np.int8, offset=4 * count),
            _unpacked_levels(_content(levels), count) if levels else None,
        )


def same(one: SoundPrint | None, other: SoundPrint | None, *, shift_s: float) -> bool:
    """Whether two creatives sound alike where both are heard, second t of `other` lying at t + `shift_s` of `one`.

    No track at all sounds like a silent one.
    """
    if one is None or other is None:
        return all(each is None or each.silent for each in (one, other))
    shares = difference(one, other, shift_s=shift_s)
    if len(shares) == 1:
        return max(shares[0]) <= MOST_DIFFERENT and sum(shares[0]) / len(shares[0]) <= MOST_DIFFERENT_ON_AVERAGE
    return all(max(each) <= most for most, each in zip((MOST_APART, MOST_TURNED), shares, strict=True))


def difference(one: SoundPrint, other: SoundPrint, *, shift_s: float) -> list[list[float]]:
    """The shares of the levels' slopes, and of their turns, that differ in each window of 0.6 s that both have.

    Only the share of bits where one print has no more. It is 1 where only one of them is heard. The shift is searched
    around `shift_s`: the best of them holds for the whole.
    """
    around = round(shift_s / HOP_S)
    shifts = range(around - _SLACK, around + _SLACK + 1)
    if one.levels is None or other.levels is None:
        bits = _of_bits(one.bits), _of_bits(other.bits)
        return min((_bits_apart(one, other, bits, shift) for shift in shifts), key=_whole)
    ours, theirs = _Tones.of(one.loudness_db, one.levels), _Tones.of(other.loudness_db, other.levels)
    found = {shift: _tones_apart(ours, theirs, shift) for shift in shifts}
    best = min(found, key=lambda shift: _whole(found[shift]))
    return min((found[best], *starmap(_tones_apart, _between(ours, theirs, best))), key=_whole)


def heard_alone_s(one: SoundPrint | None, other: SoundPrint | None, *, shift_s: float) -> float:
    """For how long one is heard before the other begins or after it ended, in seconds: the longest such time.

    Second t of `other` lies at t + `shift_s` of `one`. Where one has no track this is 0: see `same`.
    """
    if one is None or other is None:
        return 0.0
    begin = round(shift_s / HOP_S)
    ways = (one, begin, other.loudness_db.size), (other, -begin, one.loudness_db.size)
    return HOP_S * max(_heard_outside(each, *between) for each, *between in ways)


def _heard_outside(sound: SoundPrint, begin: int, size: int) -> int:
    """In how many moments something is heard before so many of them begin, or after those; the greater number."""
    heard = sound.loudness_db > SILENCE_DB
    return max(int(heard[: max(0, begin)].sum()), int(heard[max(0, begin + size) :].sum()))


def _whole(shares: list[list[float]]) -> float:
    return float(sum(map(np.mean, shares)))


@dataclass(frozen=True, eq=False)
class _Tones:
    """What is compared of a sound, moment by moment.

    Attributes:
        loudness_db, levels: as in its print.
        slopes: from each tone to the next.
        turns: how those change from moment to moment.
        is_noise: where all tones are there at once.
        is_still: where the sound hardly changes.
    """

    loudness_db: NDArray[np.int8]
    levels: NDArray[np.uint8]
    slopes: NDArray[np.int16]
    turns: NDArray[np.int16]
    is_noise: NDArray[np.bool_]
    is_still: NDArray[np.bool_]

    @classmethod
    def of(cls, loudness_db: NDArray[np.int8], levels: NDArray[np.uint8]) -> Self:
        slopes: NDArray[np.int16] = np.subtract(levels[:, 1:], levels[:, :-1], dtype=np.int16)
        turns: NDArray[np.int16] = np.subtract(slopes, np.concatenate([slopes[:1], slopes[:-1]]), dtype=np.int16)
        is_noise = (levels > 1).mean(axis=1) >= _FULL
        is_still = np.abs(turns).mean(axis=1) < _STILL_DB * _LEVELS_PER_DB
        return cls(loudness_db, levels, slopes, turns, is_noise, is_still)

    def later(self, part: float) -> Self:
        """What is heard that part of a moment later, by the levels on both sides."""
        following = np.concatenate([self.levels[1:], self.levels[-1:]])
        return self.of(self.loudness_db, np.round((1 - part) * self.levels + part * following).astype(np.uint8))


def _between(one: _Tones, other: _Tones, shift: int) -> Iterator[tuple[_Tones, _Tones, int]]:
    """The sounds laid on each other between one moment and the next: encoders and cuts do not keep to our moments.

    Each is taken between its moments, since that makes levels smoother, and both ways round.
    """
    for part in _PARTS:
        sooner, later = (one.later(part), other.later(1 - part)), (one.later(1 - part), other.later(part))
        yield from ((*sooner, shift), (*sooner, shift + 1), (*later, shift - 1), (*later, shift))


def _of_bits(bits: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return np.unpackbits(bits.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1)


@dataclass(frozen=True, eq=False)
class _Met:
    """Where two sounds are heard, of the moments that both have.

    Attributes:
        here, there: those moments, of each of them.
        loud, loud_there: how loud each is then.
        both: where both are heard.
        either: where one is heard that would be in the other, too, if that was softer all through.
    """

    here: slice
    there: slice
    loud: NDArray[np.int16]
    loud_there: NDArray[np.int16]
    both: NDArray[np.bool_]
    either: NDArray[np.bool_]

    @classmethod
    def at(cls, one: NDArray[np.int8], other: NDArray[np.int8], shift: int) -> Self:
        """The second one, of which the loudness is given as well, `shift` moments later."""
        start, stop = max(0, shift), max(0, shift, min(one.size, other.size + shift))
        here, there = slice(start, stop), slice(start - shift, stop - shift)
        loud, loud_there = one[here].astype(np.int16), other[there].astype(np.int16)
        both = (loud > SILENCE_DB) & (loud_there > SILENCE_DB)
        louder = _louder_db(loud[both], loud_there[both])
        either = (loud > SILENCE_DB + max(0.0, louder)) | (loud_there > SILENCE_DB + max(0.0, -louder))
        return cls(here, there, loud, loud_there, both, either)


@dataclass(frozen=True, eq=False)
class _Laid:
    """What is compared of two sounds, moment by moment, where both have one.

    Attributes:
        met: where both are heard.
        apart, whole: by how much they differ, and of how much.
        counts: where both are heard well enough.
        weight: of a difference; encoders spend few bits on what is soft.
        anew: what encoders write anew, which counts by half in a window of which it is most.
    """

    met: _Met
    apart: NDArray[np.float64]
    whole: NDArray[np.float64]
    counts: NDArray[np.bool_]
    weight: NDArray[np.float64]
    anew: Sequence[NDArray[np.bool_]] = ()

    def windows(self) -> list[float]:
        """The share that differs in each window; all of it where the sounds do not meet."""
        size = self.counts.size
        if not size:
            return [1.0]
        starts = range(0, max(1, size - _WINDOW // 2), _STEP)
        return [self._window(slice(at, at + _WINDOW)) for at in starts]

    def _window(self, at: slice) -> float:
        both, either = self.met.both[at], self.met.either[at]
        if both.mean() < _LEAST_HEARD:
            alone = (either & ~both).mean() >= _LEAST_HEARD / 2  # not by a moment's rounding
            return 1.0 if alone and either.mean() >= _LEAST_HEARD else 0.0
        counts = self.counts[at]
        if counts.mean() < _LEAST_HEARD:
            return 0.0
        share = float(self.apart[at][counts].sum() / self.whole[at][counts].sum())
        halved = sum(each[at][counts].mean() > 1 / 2 for each in self.anew)
        return share * float(self.weight[at][counts].max()) * _DRAWN_ANEW**halved


def _bits_apart(one: SoundPrint, other: SoundPrint, bits: Sequence[NDArray[np.uint8]], shift: int) -> list[list[float]]:
    """The share of bits that differ in each window, the second sound `shift` moments later."""
    met = _Met.at(one.loudness_db, other.loudness_db, shift)
    differing = (bits[0][met.here] != bits[1][met.there]).sum(axis=1, dtype=np.float64)
    size = differing.size
    return [_Laid(met, differing, np.full(size, 32.0), met.both, np.ones(size)).windows()]


def _tones_apart(one: _Tones, other: _Tones, shift: int) -> list[list[float]]:
    """The shares of slopes and of turns that differ in each window, the second sound `shift` moments later."""
    met = _Met.at(one.loudness_db, other.loudness_db, shift)
    here, there, loud, loud_there = met.here, met.there, met.loud, met.loud_there
    softness = np.maximum(loud - loud.max(initial=-127), loud_there - loud_there.max(initial=-127))
    weight = np.where(softness > -_SOFT_DB, 1, _OF_SOFT)
    counts = met.both & _stands_out(loud) & _stands_out(loud_there)
    noise, still = one.is_noise[here] & other.is_noise[there], one.is_still[here] & other.is_still[there]
    slopes = _shares(one.slopes[here], other.slopes[there], _ALWAYS_DB[0])
    turns = _shares(one.turns[here], other.turns[there], _ALWAYS_DB[1])
    return [
        _Laid(met, *slopes, counts, weight, [noise]).windows(),
        _Laid(met, *turns, counts, weight, [noise, still]).windows(),
    ]


def _shares(
    ours: NDArray[np.int16], theirs: NDArray[np.int16], always_db: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each moment by how much two prints differ, and the most that they could; next to nothing counts as nothing."""
    apart = np.abs(ours - theirs).sum(axis=1, dtype=np.float64)
    whole = (np.abs(ours) + np.abs(theirs)).sum(axis=1, dtype=np.float64)
    return apart, whole + always_db * _LEVELS_PER_DB * ours.shape[1]


def _stands_out(loud: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where a sound is nearly as loud as within a word's length around."""
    if not loud.size:
        return np.zeros(0, np.bool_)
    around = np.pad(loud, _WINDOW, mode="edge")
    loudest = np.lib.stride_tricks.sliding_window_view(around, 2 * _WINDOW + 1).max(axis=1)
    return np.asarray(loud > loudest - _NEAR_DB)


def _louder_db(loud: NDArray[np.int16], loud_there: NDArray[np.int16]) -> float:
    """By how much one sound is louder than another all through: what is silence in the softer one is heard in it."""
    if not loud.size:
        return 0.0
    return float(np.clip(np.median(loud - loud_there), -_MOST_SOFTER_DB, _MOST_SOFTER_DB))


def _spectra(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The energy spectrum of each moment, and its loudness in decibels."""
    padded = np.concatenate([samples, np.zeros(max(0, _FRAME - samples.size), np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    seen = frames * np.hanning(_FRAME).astype(np.float32)
    loudness = 10 * np.log10(np.mean(np.square(seen, dtype=np.float64), axis=1) * _OF_WINDOW + 1e-12)
    return np.abs(np.fft.rfft(seen, axis=1)) ** 2, loudness


def _in_bands(spectra: NDArray[np.float64], number: int, lowest_hz: float, highest_hz: float) -> NDArray[np.float64]:
    """The energies of bands that are as wide as each other to the ear (moments x bands)."""
    edges = np.round(np.geomspace(lowest_hz, highest_hz, number + 1) * _FRAME / RATE).astype(int)
    return np.asarray(np.add.reduceat(spectra[:, : edges[-1]], edges[:-1], axis=1), np.float64)


def _levels(spectra: NDArray[np.float64]) -> NDArray[np.uint8]:
    """How loud each tone is, above a floor that lies below the loudest one of the moment."""
    energies = _in_bands(spectra, _TONES, _LOWEST_TONE_HZ, _HIGHEST_TONE_HZ) + 1e-9
    loudest = energies.max(axis=1, keepdims=True)
    over_floor = 10 * np.log10(energies / loudest + 10 ** (-_FLOOR_DB / 10)) + _FLOOR_DB
    return np.round(over_floor * _LEVELS_PER_DB).astype(np.uint8)


def _unpacked_levels(changes: bytes, count: int) -> NDArray[np.uint8]:
    if len(changes) != count * _TONES:
        raise ValueError("its sound is damaged: bits and levels differ in length")
    return np.cumsum(np.frombuffer(changes, np.uint8).reshape(count, _TONES), axis=0, dtype=np.uint8)


def _text(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


def _content(text: str) -> bytes:
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(f"its sound is damaged: {error}") from error
