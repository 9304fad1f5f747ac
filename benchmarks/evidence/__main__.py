"""How many wrong quotations are flagged, how many right ones, and what that takes.

    uv run --group benchmarks python -m benchmarks.evidence [--ads 200] [--half kept|tuned] [--source drawn|page]
        [--misses]

Ads are drawn from labelled copy (benchmarks/drawing): by Pillow over photographs, or as web pages by Chromium. A fifth
of what is quoted of them is made wrong. Their copy is in two halves by a hash of the headline: misses in the tuned half
were looked at while the rules were written, the kept half was not; report the kept one.

`flagged` is not_found. What is unreadable is neither right nor wrong: it is counted by itself.
"""

import argparse
import hashlib
import io
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from benchmarks.drawing import ads
from benchmarks.drawing.ads import Copy
from benchmarks.evidence import pages, quoting
from benchmarks.evidence.quoting import Quotation
from functions.verify import judging, looking
from functions.verify.claims import Claim
from shared.events import Evidence


@dataclass(frozen=True)
class Case:
    """An ad as a file, and what is quoted of it."""

    content: bytes
    quotations: list[Quotation]


@dataclass(frozen=True)
class Told:
    """What was told of a case's quotations, and the seconds of all processors that took."""

    case: Case
    evidence: list[Evidence]
    processor_s: float


@dataclass(frozen=True)
class Score:
    """Shares of quotations, 0 to 1, and seconds.

    Attributes:
        flagged: wrong ones that are not_found.
        accused: right ones that are.
        unread_wrong, unread_right: of those, unreadable.
        mean_s, most_s: processor time of a creative.
    """

    wrong: int
    right: int
    flagged: float
    accused: float
    unread_wrong: float
    unread_right: float
    mean_s: float
    most_s: float


def main() -> None:
    """Draws, judges, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ads", type=int, default=200)
    parser.add_argument("--half", choices=("kept", "tuned"), default="kept")
    parser.add_argument("--source", choices=("drawn", "page"), default="drawn")
    parser.add_argument("--misses", action="store_true", help="print each quotation that was told wrong")
    chosen = parser.parse_args()
    told = [judged(case) for case in cases(chosen.source, chosen.half, chosen.ads)]
    if chosen.misses:
        _print_misses(told)
    print(_sentence(chosen.source, chosen.half, score(told)))


def cases(source: str, half: str, count: int) -> Iterator[Case]:
    """The ads of one half of the copy, each drawn as often as it takes."""
    known = [(language, copy) for language, copies in ads.load_copy().items() for copy in copies]
    chosen = [each for each in known if _half(each[1]) == half]
    others = [words for _, copy in known for words in _printed(copy).values()]
    draw = pages.drawer() if source == "page" else _drawn
    for number in range(count):
        language, copy = chosen[number % len(chosen)]
        seed = int.from_bytes(hashlib.sha256(f"{copy.headline} {number}".encode()).digest()[:6])
        choice = random.Random(seed)
        yield Case(draw(language, copy, seed), quoting.quotations(_quoted(copy), others, choice))


def judged(case: Case) -> Told:
    """What `verify` says of a case."""
    started = time.process_time()
    claims = [Claim(each.field, each.said) for each in case.quotations]
    with Image.open(io.BytesIO(case.content)) as opened:
        picture = opened.convert("RGB")
    evidence = list(judging.judge(claims, looking.at_picture(picture), picture.size))
    return Told(case, evidence, time.process_time() - started)


def score(told: list[Told]) -> Score:
    """The shares over all that was told."""
    pairs = [pair for each in told for pair in zip(each.case.quotations, each.evidence, strict=True)]
    wrong = [evidence.verified for quotation, evidence in pairs if quotation.fault]
    right = [evidence.verified for quotation, evidence in pairs if not quotation.fault]
    seconds = [each.processor_s for each in told]
    return Score(
        wrong=len(wrong),
        right=len(right),
        flagged=wrong.count("not_found") / len(wrong),
        accused=right.count("not_found") / len(right),
        unread_wrong=wrong.count("unreadable") / len(wrong),
        unread_right=right.count("unreadable") / len(right),
        mean_s=statistics.mean(seconds),
        most_s=max(seconds),
    )


def _drawn(language: str, copy: Copy, seed: int) -> bytes:
    return ads.draw(language, copy, seed).jpeg


def _half(copy: Copy) -> str:
    return "kept" if hashlib.sha256(copy.headline.encode()).digest()[0] % 2 else "tuned"


def _printed(copy: Copy) -> dict[str, str]:
    fields = {
        "headline": copy.headline,
        "promotion_text": copy.offer,
        "price_text": copy.price,
        "small_print": copy.says_nothing,
        "call_to_action": copy.call,
    }
    return {field: words for field, words in fields.items() if words}


def _quoted(copy: Copy) -> dict[str, str]:
    """Each part, and all of them as the text."""
    printed = _printed(copy)
    return {"text": " ".join(printed.values())} | printed


def _print_misses(told: list[Told]) -> None:
    for each in told:
        for quotation, evidence in zip(each.case.quotations, each.evidence, strict=True):
            expected = "not_found" if quotation.fault else "ocr"
            if evidence.verified != expected:
                print(f"{evidence.verified:10} {quotation.fault or 'right':18} {quotation.field:15} {quotation.said}")


def _sentence(source: str, half: str, found: Score) -> str:
    return (
        f"{source}, {half} half: of {found.wrong} wrong quotations {found.flagged:.1%} flagged"
        f" ({found.unread_wrong:.1%} unreadable), of {found.right} right ones {found.accused:.1%} flagged"
        f" ({found.unread_right:.1%} unreadable);"
        f" {found.mean_s:.2f} s of a processor a creative, {found.most_s:.2f} at most"
    )


if __name__ == "__main__":
    main()
