"""How often the offline extractor is right, field by field, and how long an image takes.

    uv run --with font-roboto --with font-lato --with font-source-serif-pro --with matplotlib --with scikit-learn \
        python -m benchmarks.offline [--draws 2] [--half kept|tuned] [--set drawn|pages] [--misses]

Ads are drawn from labelled copy (benchmarks/drawing/copy.yaml): over photographs by benchmarks/drawing/ads.py, or as
pages that a browser lays out in rows, columns and stacks (benchmarks/drawing/pages.py). Its lines are in two halves, by
a hash of the headline: misses in the tuned half were looked at while the lexicons were written, the kept half was not;
report the kept one. Without the packages it runs on procedural photographs and the system's fonts: nobody is then in
any picture.

`in order` are ads whose parts are read one after the other, as they are written.

`right` counts null where there is nothing to tell; `silent` is null where there was something; `wrong` is an answer
that is not so. People: a picture without people may be answered by null only, for faces alone cannot say 'nobody'.
"""

import argparse
import hashlib
import io
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PIL import Image

from benchmarks.drawing import ads, fonts, pages, photos
from benchmarks.drawing.ads import Copy, DrawnAd
from functions.extract.extractors.offline import findings
from functions.extract.extractors.offline.lexicon import fold
from shared.features import ImageFeatures


class Verdict(StrEnum):
    """What an answer is worth."""

    RIGHT = "right"
    SILENT = "silent"
    WRONG = "wrong"


@dataclass(frozen=True)
class Result:
    """One ad, what was found in it, and the seconds that it took: by the clock, and of all processors."""

    ad: DrawnAd
    found: ImageFeatures
    seconds: float
    processor_s: float


def main() -> None:
    """Draws, extracts, compares, prints."""
    arguments = _arguments()
    verdicts = report(_SETS[arguments.set](arguments.half, arguments.draws), arguments.half)
    if arguments.misses:
        _print_misses(verdicts)


def report(drawn: Iterator[DrawnAd], half: str) -> list[tuple[Result, dict[str, Verdict]]]:
    """Extracts the ads of one half, prints accuracy per field and time per image, and gives the verdicts."""
    results = [_extracted(ad) for ad in drawn]
    verdicts = [(result, verdicts_of(result)) for result in results]
    _print_table([one for _, one in verdicts])
    print(f"\n{sum(map(_is_in_order, results))} of {len(results)} ads ({half} half) in order,", end=" ")
    print(f"{len(fonts.font_files())} fonts,", end=" ")
    print(f"{len(photos.packaged_photos())} photographs")
    _print_times(results)
    return verdicts


def drawn(half: str, draws: int) -> Iterator[DrawnAd]:
    """The ads of one half, each drawn several times."""
    for language, copy, seed in _copies(half, draws):
        yield ads.draw(language, copy, seed)


def laid_out(half: str, draws: int) -> Iterator[DrawnAd]:
    """The same as pages."""
    with pages.a_page() as page, tempfile.TemporaryDirectory() as folder:
        for language, copy, seed in _copies(half, draws):
            yield pages.draw(page, Path(folder), language, copy, seed)


_SETS = {"drawn": drawn, "pages": laid_out}


def _copies(half: str, draws: int) -> Iterator[tuple[str, Copy, int]]:
    for language, copies in ads.load_copy().items():
        for copy in copies:
            digest = hashlib.sha256(copy.headline.encode()).digest()
            if ("kept" if digest[0] % 2 else "tuned") == half:
                yield from ((language, copy, int.from_bytes(digest[:6]) + number) for number in range(draws))


def _is_in_order(result: Result) -> bool:
    """Whether the words are read as they are written, the brand aside; line breaks and accents do not count."""
    return fold(_words(result.ad)) in fold(result.found.text or "")


def verdicts_of(result: Result) -> dict[str, Verdict]:
    """The verdict on each field that is filled."""
    ad, found = result.ad, result.found
    copy = ad.copy
    return {
        "text": _judge(found.text, _words(ad), _same_words),
        "language": _judge(found.language, ad.language),
        "has_promotion": _judge(found.has_promotion, copy.offer is not None),
        "promotion_text": _judge(found.promotion_text, copy.offer, _overlap),
        "discount_percent": _judge(found.discount_percent, copy.discount),
        "price": _judge(found.price, copy.amount),
        "currency": _judge(found.currency, copy.currency),
        "has_call_to_action": _judge(found.has_call_to_action, copy.call is not None),
        "call_to_action": _judge(found.call_to_action, copy.call, _same_letters),
        "has_people": _judge(found.has_people, True if ad.people else None),
        "people_count": _judge(found.people_count, ad.people or None),
        "dominant_colors": _judge(found.dominant_colors, ad.panel, _has_first) if ad.panel else Verdict.RIGHT,
    }


def _extracted(ad: DrawnAd) -> Result:
    started, worked = time.perf_counter(), time.process_time()
    with Image.open(io.BytesIO(ad.jpeg)) as picture:
        found = findings.fill(ImageFeatures, findings.of_image(picture.convert("RGB")))
    return Result(ad, found, time.perf_counter() - started, time.process_time() - worked)


def _judge(found: object, label: object, same: object = None) -> Verdict:
    if found is None:
        return Verdict.RIGHT if label is None else Verdict.SILENT
    agrees = same(found, label) if callable(same) and label is not None else found == label
    return Verdict.RIGHT if agrees else Verdict.WRONG


def _words(ad: DrawnAd) -> str:
    copy = ad.copy
    return " ".join(part for part in (copy.headline, copy.offer, copy.price, copy.says_nothing, copy.call) if part)


def _same_words(found: str, label: str) -> bool:
    """At least nine of ten words, accents and signs included, upper case aside."""
    read, printed = Counter(found.lower().split()), Counter(label.lower().split())
    return (read & printed).total() >= 0.9 * printed.total()


def _overlap(found: str, label: str) -> bool:
    """The offer's words, and no more than as many others."""
    read, printed = set(fold(found).split()), set(fold(label).split())
    return len(read & printed) >= 0.6 * len(printed) and len(read) <= 2 * len(printed)


def _same_letters(found: str, label: str) -> bool:
    return [sign for sign in fold(found) if sign.isalnum()] == [sign for sign in fold(label) if sign.isalnum()]


def _has_first(found: list[object], label: object) -> bool:
    """The panel's colour is among the first two: a photograph may have more of another."""
    return label in found[:2]


def _print_table(verdicts: list[dict[str, Verdict]]) -> None:
    print(f"{'field':20}{'right':>8}{'silent':>8}{'wrong':>8}{'accuracy':>10}{'when answering':>16}")
    for name in verdicts[0]:
        counts = Counter(one[name] for one in verdicts)
        right, silent, wrong = (counts[verdict] for verdict in Verdict)
        answered = right + wrong
        precise = f"{right / answered:.3f}" if answered else "-"
        print(f"{name:20}{right:>8}{silent:>8}{wrong:>8}{right / len(verdicts):>10.3f}{precise:>16}")


def _print_times(results: list[Result]) -> None:
    cold, *warm = results
    seconds = [result.seconds for result in warm]
    processor = statistics.median(result.processor_s for result in warm)
    print(f"median {statistics.median(seconds):.2f} s an image ({processor:.2f} s of processors),", end=" ")
    print(f"95 % under {_quantile(seconds, 0.95):.2f} s, {cold.seconds:.1f} s cold; {_peak_mb():.0f} MB at most")


def _print_misses(verdicts: list[tuple[Result, dict[str, Verdict]]]) -> None:
    for result, one in verdicts:
        for name, verdict in one.items():
            if verdict is not Verdict.RIGHT:
                found = getattr(result.found, name)
                print(f"{verdict:7}{name:20}{result.ad.language}  {_words(result.ad)!r}  →  {found!r}")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", choices=("kept", "tuned"), default="kept")
    parser.add_argument("--set", choices=_SETS, default="drawn", help="who lays the ads out")
    parser.add_argument("--draws", type=int, default=2, help="how often each copy is drawn")
    parser.add_argument("--misses", action="store_true", help="print every answer that is not right")
    return parser.parse_args()


if __name__ == "__main__":
    main()
