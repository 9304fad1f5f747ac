"""Holds quotations against what was read: each is found, with its place; or it is not there; or nobody can tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from functions.verify.claims import Claim
from functions.verify.looking import Looks, View
from functions.verify.matching import Found, Part
from functions.verify.signs import of_text
from shared.events import Box, Evidence
from shared.media import ocr

LEAST_SIDE = 160
"""Pixels of the longer side: in a smaller picture, what is not found may be too small to be read."""

KEPT = 1000
"""Characters of a quotation that its evidence repeats."""

MOST_CHARACTERS = 40_000
"""Of all quotations of an answer together: an ad holds less. Those beyond are not looked for."""

_LETTERS_LOST = 1.5  # that a line holds, by those that were read without being sure: a texture gives next to none


def judge(claims: Sequence[Claim], looks: Looks, size: tuple[int, int]) -> Iterator[Evidence]:
    """What is to be said of each quotation; boxes are in pixels of a creative of this size.

    A quotation that was not found is looked for once more, closer, unless something else was read in its place.
    """
    closer: View | None = None
    left = MOST_CHARACTERS
    for claim in claims:
        left -= len(claim.quote)
        if left < 0:
            yield unread(claim)
            continue
        views = [*looks.views, *([closer] if closer else [])]
        view, found = _best(claim.quote, views)
        if looks.closer and not closer and not found.holds and not found.contradicted and ocr.knows(claim.quote):
            closer = looks.closer()
            view, found = _best(claim.quote, [*views, closer])
        if not found.holds and len(looks.views) > 1 and (over_time := _over_time(claim.quote, looks)):
            view, found = over_time
        yield _evidence(claim, looks, view, found, size, closer)


def unread(claim: Claim) -> Evidence:
    """What is said of a quotation that nothing can be said of."""
    return Evidence(field=claim.field, quote=claim.quote[:KEPT], verified="unreadable")


def _best(quote: str, views: Sequence[View]) -> tuple[View | None, Found]:
    """The first view that shows the quotation, else the one that shows most of it."""
    best: tuple[View | None, Found] = (None, Found(0.0, contradicted=False))
    for view in views:
        found = view.words.find(quote)
        if found.holds:
            return view, found
        if (found.share, found.contradicted) > (best[1].share, best[1].contradicted):
            best = view, found
    return best


def _over_time(quote: str, looks: Looks) -> tuple[View, Found] | None:
    """A quotation that several views show a part of, as it stands in the first of them; None where they do not."""
    found = looks.all_words.find(quote)
    if not found.holds:
        return None
    views = [looks.all_lines[part.line][0] for part in found.parts]
    first = min(views, key=lambda view: view.at_s or 0.0)
    at = {id(line): index for index, line in enumerate(first.lines)}
    parts = [
        replace(part, line=at[id(looks.all_lines[part.line][1])])
        for part, view in zip(found.parts, views, strict=True)
        if view is first
    ]
    return first, replace(found, parts=tuple(parts))


def _evidence(
    claim: Claim, looks: Looks, view: View | None, found: Found, size: tuple[int, int], closer: View | None
) -> Evidence:
    quote = claim.quote[:KEPT]
    if view and found.holds:
        score = min(view.lines[part.line].score for part in found.parts)
        box = _box(view, found.parts, size)
        return Evidence(field=claim.field, quote=quote, verified="ocr", box=box, at_s=view.at_s, score=round(score, 3))
    views = [closer] if closer else looks.views
    readable = ocr.knows(claim.quote) and (
        found.contradicted or not (looks.has_sound or _may_be_unread(claim.quote, found, views, size))
    )
    return Evidence(field=claim.field, quote=quote, verified="not_found" if readable else "unreadable")


def _may_be_unread(quote: str, found: Found, views: Sequence[View], size: tuple[int, int]) -> bool:
    """Whether the words may stand where lines were found and not read, or are too small in so small a picture."""
    missing = len(of_text(quote).signs) * (1.0 - found.share)
    room = sum(map(_room, chain.from_iterable(view.unread for view in views)))
    return not views or max(size) < LEAST_SIDE or room >= missing


def _room(line: ocr.Line) -> float:
    """How many letters a line may hold."""
    return _LETTERS_LOST * len(of_text(line.text).signs)


def _box(view: View, parts: Sequence[Part], size: tuple[int, int]) -> Box:
    """What the parts cover together."""
    across, down = size[0] / view.size[0], size[1] / view.size[1]
    boxes = [_part_of(view.lines[part.line], part) for part in parts]
    left, top = (min(box[side] for box in boxes) for side in (0, 1))
    right, bottom = (max(box[side] for box in boxes) for side in (2, 3))
    return Box(
        left=max(0, round(left * across)),
        top=max(0, round(top * down)),
        right=min(size[0], round(right * across)),
        bottom=min(size[1], round(bottom * down)),
    )


def _part_of(line: ocr.Line, part: Part) -> tuple[float, float, float, float]:
    """Where characters of a line stand, as if all were as wide; all of a line that runs neither across nor down."""
    begin, end = part.start / len(line.text), part.end / len(line.text)
    if line.is_column:
        return line.left, line.top + begin * line.height, line.right, line.top + end * line.height
    if not line.is_level:
        return line.left, line.top, line.right, line.bottom
    return line.left + begin * line.width, line.top, line.left + end * line.width, line.bottom


def confidence(evidence: Sequence[Evidence]) -> float | None:
    """The share of quotations that hold, of those that could be looked for; None where there are none."""
    told = [each for each in map(attrgetter("verified"), evidence) if each != "unreadable"]
    return round(told.count("ocr") / len(told), 4) if told else None
