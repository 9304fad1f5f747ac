"""Files of lists as any tool may write them, all that differs at once: 54 lines in, 54 ads out."""

import csv
import gzip
import io
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from creatives.analysis import listfiles
from shared.columns import BY_NAME

LINES = 54
HEADERS = st.sampled_from(
    [
        ("ad_id", "url"),
        ("Ad ID", "Creative URL"),
        ("Anzeigen-ID", "Bild-URL"),
        ("g:id", "g:image_link"),
        ("Ref", "Motiv"),
    ]
)
WORDS = st.sampled_from(
    ["Größe", "été", "", 'the "new" one', "a, b; c | d", "two\nlines", "50 % off", "=SUM(A1)", "#1"]
)
JUNK = st.sampled_from([[], [["Ad report"], ["1 to 26 May, all accounts"]], [["# exported"]], [[""]]])
PACKED: st.SearchStrategy[Callable[[bytes], bytes]] = st.sampled_from([bytes, gzip.compress])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])


def table(rows: list[list[str]], delimiter: str, ends: str, *, quoted: bool) -> str:
    file = io.StringIO(newline="")
    written = csv.writer(
        file, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    written.writerows(rows)
    return file.getvalue()


@given(
    header=HEADERS,
    words=st.lists(WORDS, min_size=LINES, max_size=LINES),
    junk=JUNK,
    total=st.booleans(),
    delimiter=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
    encoding=ENCODINGS,
    packed=PACKED,
)
def test_54_lines_are_54_ads_however_they_are_written(
    header: tuple[str, str],
    words: list[str],
    junk: list[list[str]],
    total: bool,
    delimiter: str,
    ends: str,
    quoted: bool,
    encoding: str,
    packed: Callable[[bytes], bytes],
) -> None:
    ads = [(f"ad {number}", f"https://cdn.example/{number}.jpg?w=1&h=2") for number in range(LINES)]
    rows = [[ad_id, said, url] for (ad_id, url), said in zip(ads, words, strict=True)]
    last = [["Total", "", ""]] if total else []
    text = table([*junk, [header[0], "Copy", header[1]], *rows, *last], delimiter, ends, quoted=quoted)

    found = listfiles.read(packed(text.encode(encoding)), "list.csv", BY_NAME)

    assert [(line.ad_id, *line.urls) for line in found.lines][:LINES] == ads
    assert [line.urls for line in found.lines][LINES:] == [()] * total
    assert [line.extra["copy"] for line in found.lines][:LINES] == words
