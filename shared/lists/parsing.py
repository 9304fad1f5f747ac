"""Lists of ads as text, read line by line: every door reads them here (the commands, the page, published batches).

A list is a table (commas, semicolons, tabs or bars between; a header with names of `shared.columns`, or addresses
that are plain to see), JSON (an object a line, an array, or `{"items": [...]}`), or addresses one a line.

Nothing is lost: a line that names no address is a line all the same, with whatever id it has.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from shared import columns
from shared.columns import BY_NAME, Choice
from shared.counting import many, the_first
from shared.lists.cells import COLONS, id_text, is_address, is_meant_as_address, lines_of
from shared.lists.delimited import DELIMITERS, best_delimiter, clean, declared, head_of, records_of
from shared.lists.json_text import of_json
from shared.lists.model import ONLY_THERE, Line, Listing, NotAListError, Source
from shared.lists.tables import left_out, of_table
from shared.results import names as names_of_results

_JSON = re.compile(r"\s*[{\[](?!\s*<?https?:|[^\]\n]*\]\()")
"""How JSON begins; an address in brackets is none, nor is a link of Markdown."""

_AFTER_NAME = "".join(COLONS) + " \t-–—"

_LED = re.compile(
    r"""(?:[^\w\s"'(\[<]{1,3}\s+|\d+[.)]\s+)?(?P<words>(?!\w+://|\[)[^<]*?)(?<=[:：\s])["'`*“”„‚‘‹›«»<({\[（［【〈《「『]*"""
    r"(?P<rest>(?:https?:[/\\]{2}|gs://|data:(?:image|video)/|www\.[^\s.]+\.|!?\[[^\]]{0,300}\]\().*)",
    re.IGNORECASE | re.DOTALL,
)
_IN_PROSE = re.compile(
    r"""(?:https?:[/\\]{2}|gs://|\b(?!\w*(?:https?|gs)://)[a-z][a-z0-9]{1,15}://|\bdata:[a-z]+/[\w.+-]+[;,]|\bwww\.[^\s.]+\.)"""
    r"""[^\s<>"“”„‟«»‹›「」『』【】〔〕〈〉《》（）、，。；]+""",
    re.IGNORECASE,
)

_BARE = re.compile(
    r"""(?<![^\s"'“”„«»(\[<（「,;|:：、，])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}/"""
    r"""[^\s"'“”„‟«»‹›()\[<>（）「」『』,;|:：、，。；]{0,500}?"""
    r"\.(?:jpe?g|png|gif|webp|avif|heic|mp4|m4v|mov|webm|zip)(?:\?[\w%&=.~+-]*[\w%=])?(?![a-z0-9_/-])",
    re.IGNORECASE | re.ASCII,
)
"""An address as people type it, without a scheme: a host, and the path of a picture or a film. What may stand before
one is in none: so a text is gone through once, however long it is."""

_SENTENCE_ENDS = re.compile(r"""\w["'”’»)\]]*\s*[.!?:;,…。！？：；，、]+$""")
_OF_PEOPLE = re.compile(r"(?:mailto|tel|sms):|[^\s/@]+@", re.IGNORECASE)
_TOLD_LINES = 10
_TOLD_CHARS = 40


def parse(text: str, choice: Choice = BY_NAME) -> Listing:
    """The ads that a text lists.

    Raises:
        NotAListError: when it is a table without addresses, or lacks the columns that were chosen.
    """
    listing = read(lambda: io.StringIO(text, newline=""), choice)
    return Listing(tuple(listing.lines), listing.notes)


def read(source: Source, choice: Choice = BY_NAME) -> Listing:
    """As `parse`, of a text that is not in memory: the lines of a table are read each time that they are gone through.

    JSON, and addresses that are no table, are held nevertheless.
    """
    cleaned = clean(source)
    separator, body = declared(cleaned)
    head = head_of(body)
    if separator is None and _JSON.match(head):
        return of_json("".join(cleaned()), choice)
    found = separator or best_delimiter(head, choice)
    if found is not None:
        return of_table(records_of(body, found), f"with {DELIMITERS.get(found, repr(found))} between", choice)
    return _of_text("".join(cleaned()), choice)


def pasted(text: str) -> Listing | None:
    """The addresses that stand in what somebody pasted; None where there are none, or it is a table.

    A text of sentences is a letter: of it the addresses are taken, and it is said which lines hold none. Else each line
    was meant to be one, as in a list, and fails by its name where it is none.
    """
    lines = [(number, line) for number, line in enumerate(lines_of(text), start=1) if line.strip()]
    said = [line for _, line in lines]
    if not said:
        return None
    if any(_is_table(said, delimiter) for delimiter in DELIMITERS) or _JSON.match(text):
        return None
    if not any(map(_held_in, said)):
        return None
    return _of_letter(lines) if any(map(_is_sentence, said)) else _each_line(lines)


def _of_letter(lines: Iterable[tuple[int, str]]) -> Listing:
    found = [(number, line, _held_in(line)) for number, line in lines]
    without = [f"“{columns.trimmed(line)[:_TOLD_CHARS]}”" for _, line, urls in found if not urls]
    told = the_first(without, _TOLD_LINES)
    notes = (f"{many(len(without), 'line')} without an address left out: {told}",) if without else ()
    return Listing(tuple(Line(number, None, urls) for number, _, urls in found if urls), notes)


def _is_sentence(line: str) -> bool:
    """Whether a line ends as a sentence or a greeting does, or has words around an address."""
    said = columns.trimmed(line)
    if _names_address(said) or _is_unopened(said) or _is_remark(said):
        return False
    return bool(_written_in(line) or _SENTENCE_ENDS.search(said))


def _held_in(line: str) -> tuple[str, ...]:
    """The addresses in a line of a letter: also one that cannot be opened, where it is all that the line says."""
    said = columns.trimmed(line)
    return _written_in(line) or ((said,) if _is_unopened(said) else ())


def _is_unopened(said: str) -> bool:
    """Whether it is an address of a kind that is not opened, and nobody's at a post or a telephone."""
    return is_meant_as_address(said) and not re.search(r"\s", said) and not _OF_PEOPLE.match(said)


def _is_table(lines: Sequence[str], delimiter: str) -> bool:
    """Whether all lines have as many cells, and the first one names addresses of places to go to."""
    rows = [line.split(delimiter) for line in lines]
    names = rows[0] if not _written_in(lines[0]) else []
    return len({*map(len, rows)}) == 1 and len(rows) > 1 and any(map(columns.leads_elsewhere, names))


def _written_in(line: str) -> tuple[str, ...]:
    written = [(found.start(), found[0]) for found in _IN_PROSE.finditer(line)]
    ends = [(start, start + len(found)) for start, found in written]
    written += [
        (found.start(), f"https://{found[0]}")
        for found in _BARE.finditer(line)
        if not any(start <= found.start() < end for start, end in ends)
    ]
    return tuple(each for _, found in sorted(written) for each in columns.urls_in(_without_stop(found)))


def footer(line: Line) -> str | None:
    """What names a line that is said of the list and of no ad, such as `Total: Account` and `Report Time:` below it.

    Where it has neither an id nor anything in an address's place, its first words name it: `Total`, in a campaign's
    column. None of a line that is an ad's.
    """
    if any(map(is_address, line.urls)):
        return None
    named = line.ad_id or ("" if line.urls else next(_words(line), ""))
    return named if names_of_results.is_total(named) or (line.ad_id and named.endswith(COLONS)) else None


def _words(line: Line) -> Iterator[str]:
    return (cell for cell in line.extra.values() if isinstance(cell, str) and any(map(str.isalpha, cell)))


def _of_text(text: str, choice: Choice) -> Listing:
    if choice.ad_id or choice.urls:
        raise NotAListError(f"no column {' or '.join(filter(None, (choice.ad_id, *choice.urls)))}: {_seen(text)}")
    said = [columns.trimmed(line) for line in lines_of(text)]
    listed = [each for each in said if each and not _is_remark(each)]
    if sum(map(_names_address, listed)) * 2 < len(listed) or not listed:
        raise NotAListError(_seen(text))
    return _each_line(enumerate(said, start=1))


def _each_line(lines: Iterable[tuple[int, str]]) -> Listing:
    """Each line as an ad, but for comments, which are counted."""
    said = [(number, columns.trimmed(line)) for number, line in lines]
    comments = sum(_is_remark(each) for _, each in said)
    listed = (_bare_line(number, each) for number, each in said if each and not _is_remark(each))
    return Listing(tuple(listed), tuple(left_out(comments)))


def _is_remark(said: str) -> bool:
    """Whether a line is commented out; `#5 …` is the fifth of a list."""
    return said.startswith("#") and not said[1:2].isdecimal()


def _names_address(said: str) -> bool:
    """Whether a line is an address, alone or behind one word or a name with a colon; else it may be prose."""
    led = _LED.fullmatch(said)
    return is_address(said) or (
        led is not None and (" " not in led["words"].strip() or led["words"].rstrip().endswith(COLONS))
    )


def _bare_line(number: int, said: str) -> Line:
    """One or several addresses; what stands before them (the ad's id, its name) is none of them."""
    led = None if is_address(said) else _LED.fullmatch(said)
    if led is None or _written_in(led["words"]):
        urls = () if is_address(said) else _written_in(said)
        return Line(number, None, urls or _listed(said) or (said,))
    return Line(number, id_text(_unopened(led["words"].rstrip(_AFTER_NAME))), _listed(_without_stop(led["rest"])))


def _listed(said: str) -> tuple[str, ...]:
    """The addresses of a list, and what stands among them that is meant as one and is not opened: it fails by name."""
    found = tuple(columns.urls_in(said))
    unopened = (each for each in _written_in(said) if not is_address(each))
    return found + tuple(each for each in unopened if not any(each in url for url in found))


def _unopened(name: str) -> str:
    """A name without the bracket before it that is closed behind the address."""
    return (
        name[1:]
        if name[:1] in columns.BRACKETS.values() and not any(sign in name for sign in columns.BRACKETS)
        else name
    )


def _without_stop(said: str) -> str:
    """What a sentence says, without its end: stops, and brackets that were opened before it began."""
    for _ in range(columns.MOST_MARKS):
        if not said or not (said[-1] in columns.STOPS or columns.ends_unopened(said)):
            break
        said = said[:-1].rstrip()
    return said


def _seen(text: str) -> str:
    first = next((line.strip() for line in lines_of(text) if line.strip()), "")
    if not first:
        return "all of it is blank"
    told = f"no addresses (http, https, gs, data) are listed; it begins with {first[:80]!r}"
    is_file = columns.ends_as_file(columns.trimmed(first))
    return f"{told}, a file, {ONLY_THERE}" if is_file else told
