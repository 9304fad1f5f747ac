"""What people see in the terminal: the table of ads, the stages, the counts."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from creatives import printable, terminal
from creatives.analysis.results import AdResult, Far, Status
from shared import reasons
from shared.counting import many, verb
from shared.events import Kind, MatchKind
from shared.features import VideoFeatures
from shared.reasons import GAVE_UP, Reason

_STYLES = {Status.ANALYSED: "green", Status.DUPLICATE: "cyan", Status.FAILED: "red", Status.PENDING: "yellow"}


# Of ads that failed although the model was asked, or may have been.
_ANSWERED = (Reason.INVALID_ANSWER, Reason.REPLY_LOST, Reason.RECITATION, Reason.BLOCKED_BY_MODEL)

_LINE_S, _STILL_S = 30.0, 120.0


def table(results: Sequence[AdResult]) -> Table:
    """One line per ad: what it is, what it was found to be, and what it shows or why it failed."""
    names = _names(results)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for heading, options in (
        ("Ad", {"max_width": 34, "overflow": "ellipsis", "no_wrap": True}),
        ("Status", {"no_wrap": True}),
        ("Media", {"no_wrap": True}),
        ("Found", {"overflow": "fold", "ratio": 1}),
    ):
        shown.add_column(heading, **options)
    for result in results:
        status = Text(result.status, style=_STYLES[result.status])
        shown.add_row(escape(names[result.ad_id]), status, media(result), _found(result, names, results))
    return shown


def media(result: AdResult) -> str:
    """Size and nearest ad format, for a video its length: `1200x628 (1.91:1)`."""
    if not result.width or not result.height:
        return "-"
    size = f"{result.width}x{result.height} ({result.ad_format or result.aspect_ratio})"
    return f"{size}, {result.duration_s:.1f} s" if result.duration_s else size


def _found(result: AdResult, names: dict[str, str], results: Sequence[AdResult]) -> RenderableType:
    if result.status is Status.FAILED:
        return Text(sentence(result.reason))
    if result.status is Status.PENDING:
        return Text(f"waiting for {result.waiting_stage or 'its turn'}", style="yellow")
    if result.status is Status.DUPLICATE:
        original = _first_with_creative(result.canonical_id, result, results)
        return Text(f"same creative as {names[original.ad_id]}" if original else "same creative as an earlier ad")
    lines: list[RenderableType] = [Text(_description(result))]
    if result.match is MatchKind.VARIANT:
        lines.insert(0, Text("another version of a known creative", style="magenta"))
    return Group(*lines)


def sentence(reason: str | None) -> str:
    """A failure in words for the person who runs the ads."""
    return reasons.sentence(reason) if reason and reason in (*Reason, GAVE_UP) else printable.line(str(reason))


def _first_with_creative(creative_id: str | None, but: AdResult, results: Sequence[AdResult]) -> AdResult | None:
    return next(
        (r for r in results if r.creative_id == creative_id and r is not but and r.status is Status.ANALYSED), None
    )


_FACTS: tuple[tuple[str, Callable[[object], str]], ...] = (
    ("promotion_text", lambda value: f"promotion '{value}'"),
    ("price_text", lambda value: f"price '{value}'"),
    ("call_to_action", lambda value: f"call to action '{value}'"),
    ("people_count", lambda value: f"{value} people"),
    ("language", lambda value: f"in {value}"),
    ("dominant_colors", lambda value: "colours " + ", ".join(map(str, value)) if isinstance(value, list) else ""),
)


def _description(result: AdResult) -> str:
    features = result.features or {}
    text = str(features.get("text") or "").replace("\n", " / ")
    unread = "text" in features and features.get("has_text") is True
    said = "no text" if features.get("has_text") is False else "text that cannot be read here" if unread else ""
    quoted = f"“{text[:90]}{'…' if len(text) > 90 else ''}”" if text else said
    facts = [say(_bare(features[name])) for name, say in _FACTS if features.get(name)]
    return printable.line("; ".join(part for part in (quoted, *facts, *_own(features)) if part))


_LONGEST_FACT = 40
_MOST_FACTS = 8


def _own(features: Mapping[str, object]) -> Iterator[str]:
    """What a taxonomy asks beside the built-in features, as far as there is room."""
    own = {name: value for name, value in features.items() if name not in VideoFeatures.model_fields}
    told = [(name, value) for name, value in own.items() if value not in (None, [])]
    for name, value in told[:_MOST_FACTS]:
        said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"{name} {said[:_LONGEST_FACT]}{'…' * (len(said) > _LONGEST_FACT)}"
    if (more := len(told) - _MOST_FACTS) > 0:
        yield f"{more} more"


def _bare(value: object) -> object:
    """A feature's value without its evidence."""
    return value.get("value", value) if isinstance(value, dict) else value


def _names(results: Sequence[AdResult]) -> dict[str, str]:
    """Short names: the last parts of a path or URL, as few as tell the ads apart; all of it where none do."""
    paths = {result.ad_id: _parts(result.ad_id) for result in results}
    often = Counter("/".join(path[-length:]) for path in paths.values() for length in range(1, len(path) + 1))
    return {ad_id: printable.line(_shortest(path, often) or ad_id) for ad_id, path in paths.items()}


def _shortest(path: Sequence[str], often: Mapping[str, int]) -> str | None:
    """As much of the end of a path as no other ends with."""
    ends = ("/".join(path[-length:]) for length in range(1, len(path) + 1))
    return next((end for end in ends if often[end] == 1), None)


def _parts(ad_id: str) -> list[str]:
    """A path in parts; an address without its question, and of an inlined picture only what it is."""
    if ad_id.startswith("data:"):
        return [ad_id.partition(",")[0]]
    path = re.split(r"[?#]", ad_id, maxsplit=1)[0] if re.match(r"\w+://", ad_id) else ad_id
    return path.rstrip("/").split("/")


def summary(results: Sequence[AdResult]) -> Text:
    """The counts, which add up to the number of ads, and the money."""
    counts = Counter(result.status for result in results)
    parts = [f"{many(len(results), 'ad')} = "]
    parts.append(
        " + ".join(f"{counts[status]} {status}" for status in Status if counts[status] or status is not Status.PENDING)
    )
    return Text("; ".join(filter(None, ("".join(parts), _spent(results), _taken_over(results)))))


def _taken_over(results: Sequence[AdResult]) -> str:
    """Which files have the features of another. What that saved `costs` tells: one that came before the file that
    stands for it may have been asked about.
    """
    copies = [result for result in results if result.status is Status.DUPLICATE]
    near = len({result.creative_id for result in copies if result.match is MatchKind.DUPLICATE})
    equal = len(copies) - near
    told = [many(near, "near-duplicate")] * bool(near) + [many(equal, "equal file")] * bool(equal)
    return f"{' and '.join(told)} {verb(len(copies), 'has', 'have')} the features of another" if told else ""


def _spent(results: Sequence[AdResult]) -> str:
    """What the answers shown cost, and those that were of no use: a failed ad may have been paid for, too."""
    answered = {r.creative_id: r.cost_usd for r in results if r.status is Status.ANALYSED}
    useless = [r.cost_share_usd for r in results if r.status is Status.FAILED]
    usd = sum((cost for cost in (*answered.values(), *useless) if cost), Decimal(0))
    unpriced = {r.creative_id for r in results if r.reason in _ANSWERED and r.cost_share_usd is None}
    unknown = sum(cost is None for cost in answered.values()) + len(unpriced)
    known = f"${usd:.4f} spent" if usd else "" if unknown else "nothing spent"
    untold = f"what {many(unknown, 'answer')} cost is not known" if unknown else ""
    return ", ".join(part for part in (known, untold) if part)


def stages(results: Sequence[AdResult]) -> Table:
    """Stage by stage, how many ads or creatives went in and what became of them."""
    creatives = {result.creative_id: result for result in results if result.creative_id}
    known = [result for result in creatives.values() if result.width]
    kinds = Counter(result.kind for result in known)
    matches = Counter(result.match for result in known)
    failures = Counter(result.reason for result in creatives.values() if result.status is Status.FAILED)
    extracted = [result for result in results if result.status is Status.ANALYSED]
    shown = Table(box=None, show_header=False, pad_edge=False)
    shown.add_row("upload", f"{many(len(results), 'ad')}, {many(len(creatives), 'distinct file')}")
    shown.add_row("intake", f"{len(creatives) - failures[Reason.UNSUPPORTED_TYPE]} of them pictures or videos")
    shown.add_row(
        "hash, probe", f"{many(kinds[Kind.IMAGE], 'image')} and {many(kinds[Kind.VIDEO], 'video')} fingerprinted"
    )
    shown.add_row(
        "dedup",
        f"{matches[MatchKind.NEW]} new, {many(matches[MatchKind.VARIANT], 'variant')}, "
        f"{many(matches[MatchKind.DUPLICATE], 'near-duplicate')}",
    )
    shown.add_row("extract", f"{many(len(extracted), 'creative')}, {_extractors(extracted)}")
    if failures:
        shown.add_row("failed", ", ".join(f"{count} {reason}" for reason, count in failures.items()))
    return shown


def _extractors(results: Sequence[AdResult]) -> str:
    used = sorted({f"{result.extractor} ({result.model})" for result in results if result.extractor})
    return "by " + ", ".join(used) if used else "none"


def progress(far: Far) -> dict[str, Any]:
    """How far it is, as a progress bar takes it: what is settled, and what failed so far."""
    return {"description": f"analysing{_failed_so_far(far)}", "completed": far.settled}


def _failed_so_far(far: Far) -> str:
    return f", {far.failed} failed so far" if far.failed else ""


class Lines:
    """How far it is, for a log: a line after half a minute and then no more than one in each, where it has changed.

    Where it has not, it says so every other minute: a log that is silent is taken for one of a command that hangs.
    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._at = self._began = time.monotonic()
        self._first: Far | None = None
        self._before: Far | None = None

    def tell(self, far: Far) -> None:
        """Says it where it is time to."""
        now = time.monotonic()
        self._first = self._first or far
        is_still = far == self._before
        if now - self._at < (_STILL_S if is_still else _LINE_S) or (is_still and far.settled == far.ads):
            return
        self._before, self._at = far, now
        pace = _pace(far, far.settled - self._first.settled, now - self._began)
        still = "still " if is_still else ""
        self._say(
            f"{still}{far.settled} of {many(far.ads, 'ad')} settled{_failed_so_far(far)}{'' if is_still else pace}"
        )


def _pace(far: Far, done: int, seconds: float) -> str:
    """How fast it goes, of so many that were done in so many seconds, and how long it takes yet; nothing at an end."""
    if not done or far.settled == far.ads:
        return ""
    left_s = (far.ads - far.settled) * seconds / done
    left = f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"
    return f", {terminal.pace(done / seconds)}, some {left} left"


def show(console: Console, results: Sequence[AdResult], *, with_stages: bool = False) -> None:
    """Prints the stages if wanted, the table and the counts."""
    if with_stages:
        console.print(stages(results))
    console.print(table(results))
    console.print(summary(results))
    if any(result.extractor == "offline" for result in results):
        console.print(
            "Extracted offline: text, prices, offers, colours and faces only. Set GEMINI_API_KEY for every feature.",
            style="dim",
        )
