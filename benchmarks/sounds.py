"""Is one sentence told from another that differs in a word, and found again however it was encoded?

    python -m benchmarks.sounds [--half kept] [--recorded 40 [--seed 0]]

Sentences of advertisements, spoken by espeak-ng and flite (Debian's packages of these names), by themselves and over a
chord, encoded by ffmpeg, half of the copies cut at the start by an odd time. Compared with the bits of Haitsma and
Kalker, which films had alone before film/18. Limits were chosen on the tuned half.

With `--recorded` people speak: announcements of Debian's asterisk-core-sounds in four languages, two of them with a
number between, which is another one in the other version.
"""

import argparse
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from shared.media import sounds
from shared.media.sounds import RATE, SoundPrint

SENTENCES = {
    "tuned": [
        (
            "en",
            "Get twenty percent off all shoes this weekend only",
            "Get fifty percent off all shoes this weekend only",
        ),
        ("en", "Now from nine ninety nine a month", "Now from five ninety nine a month"),
        ("en", "Order today and save ten dollars", "Order today and save two dollars"),
        ("en", "Visit our store in Berlin and try it for free", "Visit our store in Munich and try it for free"),
        ("de", "Jetzt nur noch bis Sonntag zwanzig Prozent", "Jetzt nur noch bis Montag zwanzig Prozent"),
        ("de", "Ab neunundneunzig Euro im Monat", "Ab neunundsechzig Euro im Monat"),
        ("fr", "Profitez de trente pour cent de remise", "Profitez de quarante pour cent de remise"),
        ("es", "Hoy con un veinte por ciento de descuento", "Hoy con un treinta por ciento de descuento"),
        ("it", "Solo oggi a nove euro e novanta", "Solo oggi a sette euro e novanta"),
    ],
    "kept": [
        ("en", "Three months free when you switch before May", "Three months free when you switch before March"),
        ("en", "The best coffee you will drink in your life", "The best whisky you will drink in your life"),
        ("en", "Zero percent interest for twelve months", "Zero percent interest for eighteen months"),
        ("en", "Call eight hundred six six one now", "Call eight hundred six nine one now"),
        (
            "de",
            "Der neue Kombi mit sechshundert Kilometer Reichweite",
            "Der neue Kombi mit fünfhundert Kilometer Reichweite",
        ),
        ("de", "Kostenlose Lieferung ab dreißig Euro", "Kostenlose Lieferung ab vierzig Euro"),
        ("fr", "Livraison offerte dès cinquante euros d'achat", "Livraison offerte dès soixante euros d'achat"),
        ("es", "Tu seguro por doce euros al mes", "Tu seguro por quince euros al mes"),
        ("it", "Il secondo paio a metà prezzo fino a giugno", "Il secondo paio a metà prezzo fino a luglio"),
        ("nl", "Nu met dertig procent korting op alles", "Nu met veertig procent korting op alles"),
    ],
}
"""Language, what is said, and what another version says."""

VOICES = {"tuned": (165, 190, "slt", "awb"), "kept": (150, 180, "rms", "kal16")}
"""Words a minute of espeak-ng, and voices of flite, which speaks English."""

_OPUS = ("-ar", "48000", "-c:a", "libopus")
ENCODERS: dict[str, tuple[str, ...]] = {
    "AAC 64k": ("m4a", "-c:a", "aac", "-b:a", "64k"),
    "Opus 48k": ("ogg", *_OPUS, "-b:a", "48k"),
    "MP3 48k": ("mp3", "-c:a", "libmp3lame", "-b:a", "48k"),
    "Vorbis 64k": ("ogg", "-c:a", "libvorbis", "-b:a", "64k"),
    "AAC 48k mono": ("m4a", "-ac", "1", "-c:a", "aac", "-b:a", "48k"),
    "AAC 32k mono, 22 kHz": ("m4a", "-ac", "1", "-ar", "22050", "-c:a", "aac", "-b:a", "32k"),
    "Opus 24k": ("ogg", *_OPUS, "-b:a", "24k"),
    "MP3 32k mono, 22 kHz": ("mp3", "-ac", "1", "-ar", "22050", "-c:a", "libmp3lame", "-b:a", "32k"),
}
"""Suffix and options; sounds are of 44.1 kHz where nothing else is said."""

BEDS = (0.0, 0.3, 1.0)
"""How loud the chord is; the last is about as loud as the words."""

CHORD = "aevalsrc=0.12*sin(2*PI*220*t)+0.12*sin(2*PI*277.2*t)+0.1*sin(2*PI*329.6*t)*(1+0.5*sin(4*PI*t)):d=9:s=44100"
CUTS_S = (0.0, 0.137)

_PHRASE_BYTES, _NUMBER_BYTES = range(9_000, 30_000), range(3_000, 12_000)  # 8,000 a second


def spoken(language: str, voice: int | str, text: str, file: Path) -> Path:
    """A sentence by a synthesizer."""
    if isinstance(voice, str):
        _run("flite", "-voice", voice, "-t", text, "-o", file)
    else:
        _run("espeak-ng", "-v", language, "-s", voice, "-w", file, text)
    return file


def over(bed: float, words: Path, file: Path) -> Path:
    """The words over a chord."""
    mixed = f"[0]aresample=44100[a];[1]volume={bed}[b];[a][b]amix=inputs=2:duration=shortest:normalize=0"
    _ffmpeg("-i", words, "-f", "lavfi", "-i", CHORD, "-filter_complex", mixed, file)
    return file


def copied(said: Path, encoder: str, cut_s: float) -> SoundPrint:
    """The print of what an encoder leaves, without its first `cut_s` seconds."""
    suffix, *options = ENCODERS[encoder]
    file = said.with_suffix(f".copy.{suffix}")
    _ffmpeg("-ss", cut_s, "-i", said, "-ar", "44100", *options, file)
    return heard(file)


def heard(file: Path) -> SoundPrint:
    """A file's print."""
    samples = _ffmpeg("-i", file, "-ac", 1, "-ar", RATE, "-f", "f32le", "-")
    return SoundPrint.of(np.frombuffer(samples, np.float32))


def pairs(half: str, folder: Path) -> Iterator[tuple[float, Path, Path]]:
    """Of each sentence and bed, what is said and what another version says."""
    for language, *texts in SENTENCES[half]:
        for voice in VOICES[half]:
            if language != "en" and isinstance(voice, str):
                continue
            words = [spoken(language, voice, text, folder / f"{number}.wav") for number, text in enumerate(texts)]
            for bed in BEDS:
                said, other = (over(bed, each, folder / f"over-{each.name}") for each in words)
                yield bed, said, other


def recorded(number: int, folder: Path) -> tuple[float, Path, Path]:
    """Two announcements by one voice with a number between, over a chord or by themselves; and with another number."""
    chosen = random.Random(number)
    voices = sorted(_announcements().glob("*/digits"))
    digits = sorted(file for file in voices[number % len(voices)].glob("*.g722") if _is_of(file, _NUMBER_BYTES))
    phrases = sorted(file for file in digits[0].parents[1].glob("*.g722") if _is_of(file, _PHRASE_BYTES))
    (first, last), numbers = chosen.sample(phrases, 2), chosen.sample(digits, 2)
    bed = chosen.choice((0.0, 0.0, 0.3))
    versions = []
    for at, digit in enumerate(numbers):
        said = folder / f"said-{at}.wav"
        parts = [word for file in (first, digit, last) for word in ("-i", file)]
        _ffmpeg(*parts, "-filter_complex", "concat=n=3:v=0:a=1", "-ar", 44100, said)
        versions.append(over(bed, said, folder / f"over-{at}.wav"))
    return bed, versions[0], versions[1]


def _is_of(file: Path, sizes: range) -> bool:
    return file.stat().st_size in sizes


@cache
def _announcements() -> Path:
    """The folder of Debian's announcements, one folder a voice; fetched once and never installed."""
    folder = Path(tempfile.gettempdir()) / "creatives-voices"
    if not folder.exists():
        folder.mkdir()
        for language in ("en", "es", "fr", "it"):
            name = f"asterisk-core-sounds-{language}-g722"
            subprocess.run(["apt-get", "download", name], cwd=folder, check=True, capture_output=True)
            (archive,) = folder.glob(f"{name}_*.deb")
            subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    return folder / "usr/share/asterisk/sounds"


def _ffmpeg(*options: object) -> bytes:
    return _run("ffmpeg", "-v", "error", "-y", *options)


def _run(*command: object) -> bytes:
    return subprocess.run([str(each) for each in command], check=True, capture_output=True).stdout


def main() -> None:
    """Prints a line for each bed and way to compare, and the shares by which the copies of each encoder differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=SENTENCES, default="tuned")
    parser.add_argument("--recorded", type=int, default=0, help="so many announcements by people instead")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    counted: Counter[tuple[float, str, str]] = Counter()
    turned: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = range(chosen.seed * 1000, chosen.seed * 1000 + chosen.recorded)
        spoken_ones = (recorded(number, folder) for number in numbers)
        for bed, said, other in spoken_ones if chosen.recorded else pairs(chosen.half, folder):
            originals = heard(said), heard(other)
            for encoder in ENCODERS:
                for cut_s in CUTS_S:
                    copy = copied(said, encoder, cut_s)
                    for what, original in zip(("found", "merged"), originals, strict=True):
                        worst = max(sounds.difference(original, copy, shift_s=cut_s)[-1])
                        turned.setdefault((encoder, what), []).append(worst)
                    for way in ("levels", "bits"):
                        counted[bed, way, "copies"] += 1
                        for what, original in zip(("found", "merged"), originals, strict=True):
                            counted[bed, way, what] += _are_same(original, copy, cut_s, way)
    _tell(counted, turned)


def _tell(counted: Counter[tuple[float, str, str]], turned: dict[tuple[str, str], list[float]]) -> None:
    for bed in BEDS:
        for way in ("levels", "bits"):
            copies, found, merged = (counted[bed, way, what] for what in ("copies", "found", "merged"))
            print(
                f"chord x{bed}  {way:6}  copies found {found} of {copies}, one other word merged {merged} of {copies}"
            )
    for encoder in ENCODERS:
        same, another = (turned[encoder, what] for what in ("found", "merged"))
        print(f"{encoder:22} turns differ by up to {max(same):.3f}, those of another word by {min(another):.3f} up")


def _are_same(original: SoundPrint, copy: SoundPrint, cut_s: float, way: str) -> bool:
    if way == "bits":
        original, copy = replace(original, levels=None), replace(copy, levels=None)
    return sounds.same(original, copy, shift_s=cut_s)


if __name__ == "__main__":
    main()
