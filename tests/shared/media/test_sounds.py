"""Prints of sounds: real encoders, bit rates and mono leave them alike; other words, tunes and silence do not."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from hypothesis import given
from hypothesis import strategies as st

from shared.media import sounds
from shared.media.sounds import RATE, Samples, SoundPrint
from tests.cases import first_of, some_of

pytestmark = pytest.mark.slow

FULL_RATE = 44100


def tune(*notes: float, seed: int = 0) -> Samples:
    """Half a second of each note, plucked, with a drum beside it."""
    at = np.arange(FULL_RATE // 2) / FULL_RATE
    noise = np.random.default_rng(seed)
    strokes = []
    for note in notes:
        plucked = sum(np.sin(2 * np.pi * note * k * at) / k for k in range(1, 6)) * np.exp(-3 * at)
        strokes.append(plucked / 4 + noise.normal(0, 0.1, at.size) * np.exp(-30 * at))
    return np.concatenate(strokes).astype(np.float32)


SUNG = tune(330, 392, 440, 523, 494, 349, 294, 440)
OTHER_ENDING = tune(330, 392, 440, 523, 494, 587, 659, 440)
OTHER_TUNE = tune(220, 262, 247, 330, 294, 196, 349, 262, seed=1)


def spoken_in_a_room(bed_db: float) -> Samples:
    """Two phrases with two seconds before and behind in which only the room is heard."""
    still = np.zeros(2 * FULL_RATE, np.float32)
    spoken = np.concatenate([SUNG[: 2 * FULL_RATE], still, SUNG[2 * FULL_RATE :], still])
    room = np.random.default_rng(5).normal(0, 10 ** (bed_db / 20), spoken.size)
    return (spoken + room).astype(np.float32)


SPOKEN_IN_A_ROOM = spoken_in_a_room(-44)


def heard(samples: Samples) -> SoundPrint:
    return SoundPrint.of(resampled(samples))


def resampled(samples: Samples) -> Samples:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = FULL_RATE
    resampler = av.AudioResampler("flt", "mono", RATE)
    return np.concatenate([part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]).astype(np.float32)


def encoded(samples: Samples, codec: str, muxer: str, *, bit_rate: int, stereo: bool = False) -> Samples:
    """The sound after an encoder, decoded again."""
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        rate = 48000 if codec == "libopus" else FULL_RATE
        stream = container.add_stream(codec, rate=rate, layout="stereo" if stereo else "mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = FULL_RATE
        for part in av.AudioResampler(stream.format, stream.layout, rate, stream.frame_size or 1024).resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    file.seek(0)
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(file, "r", format=muxer.replace("ipod", "mov")) as container:
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray().reshape(-1) for part in parts]).astype(np.float32)


@pytest.mark.parametrize(
    ("codec", "muxer", "bit_rate", "stereo"),
    [
        ("aac", "ipod", 128_000, True),
        ("aac", "ipod", 64_000, False),
        ("libmp3lame", "mp3", 48_000, False),
        ("libopus", "ogg", 32_000, True),
    ],
)
def test_an_encoder_leaves_the_sound_the_same(codec: str, muxer: str, bit_rate: int, stereo: bool) -> None:
    copy = SoundPrint.of(encoded(SUNG, codec, muxer, bit_rate=bit_rate, stereo=stereo))

    assert sounds.same(heard(SUNG), copy, shift_s=0)
    assert not sounds.same(heard(OTHER_ENDING), copy, shift_s=0)


@pytest.mark.parametrize(
    "changed",
    [lambda sung: sung * 0.2, lambda sung: np.clip(sung * 1.5, -1, 1), lambda sung: sung + 0.002],
    ids=["softer", "louder", "offset"],
)
def test_loudness_makes_no_other_sound(changed: Callable[[Samples], Samples]) -> None:
    assert sounds.same(heard(SUNG), heard(changed(SUNG).astype(np.float32)), shift_s=0)


CODECS = ("aac", "ipod", 96_000), ("libopus", "ogg", 24_000), ("libmp3lame", "mp3", 32_000)
GAINS_DB = -18, -12, -9, -6, 6


@pytest.mark.parametrize(
    ("gain_db", "codec"),
    some_of([*product(GAINS_DB, CODECS)], in_the_gate=[(-6, CODECS[0])]),
)
def test_what_is_heard_between_the_words_of_the_louder_one_alone_makes_no_other_sound(
    gain_db: int, codec: tuple[str, str, int]
) -> None:
    softer = SPOKEN_IN_A_ROOM * np.float32(10 ** (gain_db / 20))
    copy = SoundPrint.of(encoded(softer, codec[0], codec[1], bit_rate=codec[2]))

    assert sounds.same(heard(SPOKEN_IN_A_ROOM), copy, shift_s=0)
    assert sounds.same(copy, heard(SPOKEN_IN_A_ROOM), shift_s=0)


@pytest.mark.parametrize("gain", [0.125, 0.25, 0.5, 1, 2])
def test_what_is_muted_in_a_softer_or_louder_one_is_told(gain: float) -> None:
    muted = SPOKEN_IN_A_ROOM.copy()
    muted[FULL_RATE // 2 : FULL_RATE * 3 // 2] = 0

    assert not sounds.same(heard(SPOKEN_IN_A_ROOM), heard(muted * np.float32(gain)), shift_s=0)


@pytest.mark.parametrize("cut_s", [0.3, 0.7, 1.1])
def test_a_cut_start_is_found_at_its_shift(cut_s: float) -> None:
    cut = heard(SUNG[round(cut_s * FULL_RATE) :])

    assert sounds.same(heard(SUNG), cut, shift_s=cut_s)
    assert sounds.same(cut, heard(SUNG), shift_s=-cut_s)


@pytest.mark.parametrize("other", [OTHER_ENDING, OTHER_TUNE, OTHER_TUNE * 0.5 + SUNG * 0.5])
def test_another_tune_is_another_sound(other: Samples) -> None:
    assert not sounds.same(heard(SUNG), heard(other), shift_s=0)


def held(*notes: float, seconds: float = 4.0) -> Samples:
    """Notes that sound together without a change."""
    at = np.arange(round(seconds * FULL_RATE)) / FULL_RATE
    parts = [np.sin(2 * np.pi * note * k * at + k) / k for note in notes for k in range(1, 5)]
    return np.asarray(np.sum(parts, axis=0) / 8, np.float32)


def beeps(note: float) -> Samples:
    at = np.arange(4 * FULL_RATE) / FULL_RATE
    return (0.5 * np.sin(2 * np.pi * note * at) * (at % 1 < 0.2)).astype(np.float32)


SLOW = np.concatenate([held(note, seconds=1.0) for note in (330, 392, 440, 523)])
STILL: dict[str, tuple[Samples, Samples]] = {
    "tone": (held(440), held(440 * 2 ** (1 / 12))),
    "chord": (held(220, 277, 330), held(208, 262, 311)),
    "beeps": (beeps(1000), beeps(1000 * 2 ** (1 / 12))),
    "slow": (SLOW, np.concatenate([SLOW[: 2 * FULL_RATE], held(415, seconds=1.0), SLOW[3 * FULL_RATE :]])),
    "words over a chord": (SUNG * 0.7 + held(220, 277, 330), OTHER_ENDING * 0.7 + held(220, 277, 330)),
}


ENCODERS = [("aac", "ipod", 64_000), ("libopus", "ogg", 48_000), ("libmp3lame", "mp3", 64_000)]


@pytest.mark.parametrize(("codec", "muxer", "bit_rate"), first_of(ENCODERS))
@pytest.mark.parametrize("name", STILL)
def test_an_encoder_leaves_notes_that_are_held_the_same_and_a_semitone_makes_others(
    name: str, codec: str, muxer: str, bit_rate: int
) -> None:
    kept, other = STILL[name]
    copy = SoundPrint.of(encoded(kept, codec, muxer, bit_rate=bit_rate, stereo=True))

    assert sounds.same(heard(kept), copy, shift_s=0)
    assert not sounds.same(heard(other), copy, shift_s=0)


def pure(*notes: float) -> Samples:
    """Tones without overtones, between which there is nothing but what an encoder writes there."""
    at = np.arange(4 * FULL_RATE) / FULL_RATE
    return np.asarray(0.24 * np.sum([np.sin(2 * np.pi * note * at) for note in notes], axis=0), np.float32)


def test_a_chord_of_pure_tones_saved_with_few_bits_sounds_the_same_and_one_of_which_a_tone_is_another_does_not() -> (
    None
):
    copy = SoundPrint.of(encoded(pure(262, 330, 392), "aac", "ipod", bit_rate=32_000))

    assert sounds.same(heard(pure(262, 330, 392)), copy, shift_s=0)
    assert not sounds.same(heard(pure(262, 330, 415)), copy, shift_s=0)


SPOKEN = Path(__file__).with_name("spoken")
"""Sentences that differ in one word, spoken by two synthesizers: espeak-ng (de, es) and flite (en)."""


def spoken(name: str, bed: float) -> Samples:
    """A sentence, over a chord."""
    resampler = av.AudioResampler("flt", "mono", FULL_RATE)
    with av.open(SPOKEN / f"{name}.flac") as container:
        parts = [
            part.to_ndarray().reshape(-1) for frame in container.decode(audio=0) for part in resampler.resample(frame)
        ]
    words = np.concatenate(parts).astype(np.float32)
    return np.asarray(words + bed * held(220, 277, 330, seconds=words.size / FULL_RATE)[: words.size], np.float32)


@pytest.mark.parametrize("bed", first_of([0, 0.3]))
@pytest.mark.parametrize("names", first_of([["de-99", "de-69"], ["es-20", "es-30"], ["en-twenty", "en-fifty"]]))
def test_another_word_in_a_sentence_is_another_sound_however_it_was_encoded(names: list[str], bed: float) -> None:
    said, other = (heard(spoken(name, bed)) for name in names)
    for codec, muxer, bit_rate in ENCODERS:
        copy = SoundPrint.of(encoded(spoken(names[0], bed), codec, muxer, bit_rate=bit_rate))
        assert sounds.same(said, copy, shift_s=0)
        assert not sounds.same(other, copy, shift_s=0)


@pytest.mark.parametrize(
    ("codec", "muxer", "bit_rate"), first_of([("aac", "ipod", 48_000), ("libopus", "ogg", 24_000)])
)
@pytest.mark.parametrize("names", first_of([["de-99", "de-69"], ["es-20", "es-30"], ["en-twenty", "en-fifty"]]))
def test_a_voice_that_was_saved_twice_of_few_bits_is_the_same_and_another_word_is_not(
    names: list[str], codec: str, muxer: str, bit_rate: int
) -> None:
    """As a voice is that comes with a clip, and is saved again with it."""
    said, other = (encoded(spoken(name, 0), "aac", "ipod", bit_rate=128_000) for name in names)
    again = SoundPrint.of(encoded(spoken(names[0], 0), codec, muxer, bit_rate=bit_rate))

    assert sounds.same(SoundPrint.of(said), again, shift_s=0)
    assert not sounds.same(SoundPrint.of(other), again, shift_s=0)


def test_prints_of_before_are_compared_by_their_bits() -> None:
    before = replace(heard(SUNG), levels=None)
    kept = SoundPrint.unpacked(before.packed())

    assert kept.levels is None
    assert sounds.same(kept, heard(SUNG * 0.5), shift_s=0)
    assert not sounds.same(heard(OTHER_TUNE), kept, shift_s=0)


def test_silence_is_no_sound_and_differs_from_any() -> None:
    silence = SoundPrint.of(np.zeros(4 * RATE, np.float32))

    assert silence.silent
    assert sounds.same(silence, None, shift_s=0)
    assert sounds.same(None, None, shift_s=0)
    assert not sounds.same(heard(SUNG), None, shift_s=0)
    assert not sounds.same(heard(SUNG), silence, shift_s=0)


def test_a_second_without_sound_is_heard() -> None:
    muted = SUNG.copy()
    muted[FULL_RATE : 2 * FULL_RATE] = 0

    assert not sounds.same(heard(SUNG), heard(muted), shift_s=0)


@given(st.integers(0, 9 * RATE), st.integers(0, 2**32 - 1))
def test_any_sound_is_the_same_as_itself_and_can_be_kept(length: int, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 0.2, length).astype(np.float32)
    found = SoundPrint.of(samples)

    kept = SoundPrint.unpacked(found.packed())

    assert kept.bits.tolist() == found.bits.tolist()
    assert kept.loudness_db.tolist() == found.loudness_db.tolist()
    assert kept.levels is not None
    assert found.levels is not None
    assert kept.levels.tolist() == found.levels.tolist()
    assert sounds.same(found, kept, shift_s=0)


@pytest.mark.parametrize("text", ["!", "AAAA", "eJxjYAACAAADAAE=", "eJwDAAAAAAE=.AAAA", f"{heard(SUNG).packed()[:-8]}"])
def test_what_is_no_print_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever decoder says it first
        SoundPrint.unpacked(text)
