"""Lists as people and their tools write them: 54 lines in, 54 ads out."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.columns import Choice
from shared.lists import parsing
from shared.lists.model import NotAListError

HEADERS = (
    ("ad_id", "url"),
    ("Ad ID", "Creative URL"),
    ("AdId", "ImageUrl"),
    ("ad-id", "Image URL"),
    ("ID", "Video URL"),
    ("id", "image_link"),
    ("Creative ID", "Thumbnail"),
    ("Anzeigen-ID", "Bild-URL"),
    ("Ad ID", "Image Asset URL 1"),
)
# What stands in other columns, and hurts a careless reader.
COPY = (
    "Summer", "", "a, b; c | d", 'say "hi"', "Größe\u2028neu", "6\x85x", "two\nlines", "٥٠٪", "#1",
    "1,5", "a\tb", "=SUM(A1)",
)  # fmt: skip
URLS = st.builds(
    lambda host, path, query: f"https://{host}.example/{path}.png{query}",
    st.sampled_from(("cdn", "a.b", "bücher")),
    st.text("abc-_%20()é", min_size=1, max_size=12),
    st.sampled_from(("", "?a=1&b=2", "?sig=a%2Cb;c", "?w=1,2")),
)


def pairs(text: str, choice: Choice = Choice()) -> list[tuple[str | None, str]]:  # noqa: B008 - frozen
    return [(line.ad_id, url) for line in parsing.parse(text, choice).lines for url in line.urls]


def written(rows: list[list[str]], delimiter: str, quoted: bool) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return file.getvalue()


@given(
    header=st.sampled_from(HEADERS),
    delimiter=st.sampled_from(",;\t|"),
    quoted=st.booleans(),
    address_first=st.booleans(),
    declared=st.booleans(),
    title=st.booleans(),
    urls=st.lists(URLS, min_size=54, max_size=54),
    copies=st.lists(st.sampled_from(COPY), min_size=54, max_size=54),
)
def test_each_line_of_a_table_is_its_ad(
    header: tuple[str, str],
    delimiter: str,
    quoted: bool,
    address_first: bool,
    declared: bool,
    title: bool,
    urls: list[str],
    copies: list[str],
) -> None:
    ads = [(f"ad {number}", url) for number, url in enumerate(urls)]
    rows = [
        [header[0], "Body", header[1]],
        *([ad_id, copy, url] for (ad_id, url), copy in zip(ads, copies, strict=True)),
    ]
    if address_first:
        rows = [[url, copy, ad_id] for ad_id, copy, url in rows]
    if title and not declared:
        rows = [["Ad report"], ["1 to 26 November 2026"], *rows]

    text = (f"sep={delimiter}\r\n" if declared else "") + written(rows, delimiter, quoted)

    assert pairs(text) == ads


MAKES: dict[str, tuple[str, list[tuple[str | None, str]]]] = {
    "quoted header": (
        '"Ad ID","URL"\n"7","https://x.test/1"\n',
        [("7", "https://x.test/1")],
    ),
    "no header": (
        "7;https://x.test/1\n8;https://x.test/2\n",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "no header, address first": (
        "https://x.test/1,7\nhttps://x.test/2,8",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a name that we do not know": (
        "ad_id,Adresse\n7,https://x.test/1\n",
        [("7", "https://x.test/1")],
    ),
    "where the ad leads is no creative": (
        "ad_id,Final URL,Motiv\n7,https://shop.test,https://x.test/1\n",
        [("7", "https://x.test/1")],
    ),
    "one name twice": (
        "ad_id,url,url\n7,https://x.test/1,https://x.test/2\n",
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "one of two": (
        "ad_id,image_url,video_url\n7,https://x.test/1,--\n8,N/A,https://x.test/2\n",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a name is no address": (
        "ad_id,Video,Image URL\n7,Autumn film,https://x.test/1\n",
        [("7", "https://x.test/1")],
    ),
    "several in a cell": (
        'ad_id,url\n7,"https://x.test/1, https://x.test/2\nhttps://x.test/3"\n',
        [("7", "https://x.test/1"), ("7", "https://x.test/2"), ("7", "https://x.test/3")],
    ),
    "an array in a cell": (
        'ad_id\turl\n7\t["https://x.test/1","https://x.test/2"]\n',
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "a carousel": (
        "ad_id,url\n7,https://x.test/1\n7,https://x.test/2\n",
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "commas that nobody quoted": (
        "ad_id,url\n7,data:image/png;base64,AAAA\n8,https://x.test/w_1,h_2/a.png\n",
        [("7", "data:image/png;base64,AAAA"), ("8", "https://x.test/w_1,h_2/a.png")],
    ),
    "semicolons that nobody quoted": (
        "ad_id;url;n\n7;data:image/png;base64,AAAA;1\n",
        [("7", "data:image/png;base64,AAAA")],
    ),
    "a quote that never closes": (
        'ad_id,copy,url\n7,"never closed,https://x.test/1\n8,b,https://x.test/2\n',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a quote that closes a line later": (
        'ad_id,copy,url\n7,"a,https://x.test/1\n8,b",https://x.test/2\n9,c,https://x.test/3\n',
        [("7", "https://x.test/1"), ("8", "https://x.test/2"), ("9", "https://x.test/3")],
    ),
    "backslashes before quotes": (
        'ad_id,copy,url\n7,"say \\"hi\\", ok",https://x.test/1\n',
        [("7", "https://x.test/1")],
    ),
    "bare addresses with commas": (
        "https://x.test/w_1,h_2/a.png\nhttps://x.test/b;c.png\n",
        [(None, "https://x.test/w_1,h_2/a.png"), (None, "https://x.test/b;c.png")],
    ),
    "what copying leaves": (
        "\u200bhttps://x.test/1\u200b \n<https://x.test/2>\n\u201chttps://x.test/3\u201d\n",
        [(None, "https://x.test/1"), (None, "https://x.test/2"), (None, "https://x.test/3")],
    ),
    "two on a line": (
        "https://a.test/1.jpg, https://b.test/2.jpg",
        [(None, "https://a.test/1.jpg"), (None, "https://b.test/2.jpg")],
    ),
    "as browsers take it": (
        "ad_id,url\n7,HTTPS://x.test/1\n8,//x.test/2\n9,http:\\\\x.test\\3\n",
        [("7", "HTTPS://x.test/1"), ("8", "//x.test/2"), ("9", "http:\\\\x.test\\3")],
    ),
    "JSON with NaN": (
        '{"ads": [{"id": 7, "imageUrl": "https://x.test/1", "spend": NaN}]}',
        [("7", "https://x.test/1")],
    ),
    "a JSON array": (
        '[{"ad_id": 7.0, "url": "https://x.test/1"}, "https://x.test/2"]',
        [("7", "https://x.test/1"), (None, "https://x.test/2")],
    ),
    "U+2028 in NDJSON": (
        '{"ad_id":"7","copy":"a\u2028b","url":"https://x.test/1"}\n{"ad_id":"8","url":"https://x.test/2"}\n',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a report with a title above its header": (
        "Ads report\n1 May 2026, noon\nAd ID,Campaign,Motiv,Clicks\n7,Brand,https://x.test/1,5\n",
        [("7", "https://x.test/1")],
    ),
    "a line without an address before the first with one": (
        "ad_id,Campaign,Motiv\n7,Brand,n/a\n8,Brand,https://x.test/2\n",
        [("7", "n/a"), ("8", "https://x.test/2")],
    ),
    "pictures as pages and spreadsheets show them": (
        'ad_id,image\n7,"<img width=3 src=""https://x.test/1"" />"\n8,"=IMAGE(""https://x.test/2"")"\n',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a product feed's names": (
        "g:id,g:title,g:image_link\n7,Shoe,https://x.test/1\n",
        [("7", "https://x.test/1")],
    ),
    "an id and an address, spaces between": (
        "7 https://x.test/1\n8   https://x.test/2\n",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "notes": (
        "- https://x.test/1\n* [second](https://x.test/2)\n3. https://x.test/3\nsummer: https://x.test/4\n",
        [
            (None, "https://x.test/1"),
            (None, "https://x.test/2"),
            (None, "https://x.test/3"),
            ("summer", "https://x.test/4"),
        ],
    ),
    "names and addresses with spaces": (
        "Banner 1: https://x.test/1 a.png\n8 https://x.test/2 é.png\n• Men's 9: https://x.test/3\n"
        "My shop https://x.test/4 b.png\n",
        [
            ("Banner 1", "https://x.test/1 a.png"),
            ("8", "https://x.test/2 é.png"),
            ("Men's 9", "https://x.test/3"),
            ("My shop", "https://x.test/4 b.png"),
        ],
    ),
    "JSON objects over several lines, one after another": (
        '{\n  "id": 7,\n  "url": "https://x.test/1"\n}\n{\n  "id": 8,\n  "url": "https://x.test/2"\n}\n',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "JSON objects on one line": (
        '{"id": 7, "url": "https://x.test/1"} {"id": 8, "url": "https://x.test/2"}',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "JSON with a list under a name of its own": (
        '{"total": 1, "creatives": [{"id": 7, "image_url": "https://x.test/1"}]}',
        [("7", "https://x.test/1")],
    ),
    "JSON of addresses by their ids": (
        '{"7": "https://x.test/1", "8": "https://x.test/2"}',
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "JSON with the list within": (
        '{"response": {"ads": [{"id": 7, "image_url": "https://x.test/1"}], "next": null}}',
        [("7", "https://x.test/1")],
    ),
    "JSON of a carousel's cards": (
        '[{"ad_id": 7, "cards": [{"image_url": "https://x.test/1"}, {"image_url": "https://x.test/2"}]}]',
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "JSON of parts in lists within": (
        '[{"id": 7, "creative": {"feed": {"images": [{"url": "https://x.test/1"}], "videos": [{"url": "https://x.test/2"}]}}}]',
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "arrays as Python and PostgreSQL write them": (
        "ad_id;urls\n7;['https://x.test/1', 'https://x.test/2?a=1,2']\n8;{https://x.test/3,https://x.test/4}\n",
        [
            ("7", "https://x.test/1"),
            ("7", "https://x.test/2?a=1,2"),
            ("8", "https://x.test/3"),
            ("8", "https://x.test/4"),
        ],
    ),
    "cells that are padded with NUL": (
        "ad_id,url\n7\0,https://x.test/1\0\0\n8,https://x.test/2\n\0\0",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
    "a header of two lines": (
        "Ad,,Creative,\nAd ID,Ad name,Image URL,Video URL\n7,x,https://x.test/1,https://x.test/2\n",
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "a header of two lines that complete each other": (
        "Report,Creative,\nAd ID,,\n,Image URL,Video URL\n7,https://x.test/1,https://x.test/2\n",
        [("7", "https://x.test/1"), ("7", "https://x.test/2")],
    ),
    "line ends of old": (
        "ad_id,url\r7,https://x.test/1\r8,https://x.test/2\r",
        [("7", "https://x.test/1"), ("8", "https://x.test/2")],
    ),
}


@pytest.mark.parametrize(("text", "ads"), MAKES.values(), ids=MAKES)
def test_lists_of_many_makes(text: str, ads: list[tuple[str | None, str]]) -> None:
    assert pairs(text) == ads


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Look: https://x.test/1.png.", "https://x.test/1.png"),
        ("Look: https://x.test/1.png!", "https://x.test/1.png"),
        ("Spring (see: https://x.test/1.png).", "https://x.test/1.png"),
        ("Spring: https://x.test/1_(b).png", "https://x.test/1_(b).png"),
        ("Spring: https://x.test/1_(b)", "https://x.test/1_(b)"),
        ("https://x.test/1.", "https://x.test/1."),
    ],
)
def test_the_end_of_a_sentence_is_not_its_addresses(text: str, address: str) -> None:
    assert [url for _, url in pairs(text)] == [address]


MARKED = [
    *(
        '("{}")',
        "({}).",
        "<{}>",
        "[{}]",
        "{{{}}}",
        "`{}`",
        "**{}**",
        "'{}'",
        "“{}”",
        "„{}“",
        "«{}»",
        "‹{}›",
        "「{}」。",
    ),
    *(
        "『{}』",
        "【{}】",
        "（{}）",
        "《{}》；",
        "[see]({})",
        '[see]({} "title").',
        "![]({})",
        "{}!",
        "{}。",
        "{} (new)",
    ),
]


@pytest.mark.parametrize("marks", MARKED)
def test_what_stands_around_an_address_is_none_of_it(marks: str) -> None:
    for address in ("https://x.test/1_(b).png", "https://x.test/2.png"):
        said = marks.format(address)

        assert pairs(said) == pairs(f"url\n{said}\n") == [(None, address)]
        assert pairs(f"Spring: {said}") == [("Spring", address)]


def test_brackets_and_signs_of_its_own_stay_with_an_address() -> None:
    for address in ("https://x.test/a?x=(1)", "https://x.test/ads[1]", "https://x.test/ü(1)", "https://x.test/a*b/1"):
        assert pairs(address) == pairs(f"({address})") == [(None, address)]


def test_addresses_are_found_in_what_somebody_wrote() -> None:
    text = (
        "Hi Anna,\nlook at “https://x.test/1.png”, and (www.x.test/2.png).\n請看「https://x.test/3.png」。\nThanks!\n"
    )

    found = parsing.pasted(text)

    assert found
    addresses = [(line.number, url) for line in found.lines for url in line.urls]
    assert addresses == [(2, "https://x.test/1.png"), (2, "www.x.test/2.png"), (3, "https://x.test/3.png")]
    assert found.notes == ("2 lines without an address left out: “Hi Anna,”, “Thanks!”",)


@pytest.mark.parametrize(
    "lines",
    [
        ["https://x.test/1.png", "not a url", "javascript:alert(1)", "ftp://x.test/2.png"],
        ["spring.png", "not a url", "C:\\ads\\1.png", "https://x.test/1.png"],
        ["summer 2026", "https://x.test/1.png", "autumn", "htps://x.test/2.png,"],
        ["春の広告", "https://x.test/1.png", "夏", "秋"],
    ],
)
def test_of_lines_that_are_no_sentences_each_was_meant(lines: list[str]) -> None:
    found = parsing.pasted("\n\n".join(lines))

    assert found
    assert [(line.number, line.urls) for line in found.lines] == [
        (2 * number + 1, (each,)) for number, each in enumerate(lines)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Please use example.com/a.png and cdn.x.de/b/c.jpg?w=3, thanks.",
            ["https://example.com/a.png", "https://cdn.x.de/b/c.jpg?w=3"],
        ),
        (
            "Here is siehehttps://a.example/a.png, or Ad1-https://b.example/b.png.",
            ["https://a.example/a.png", "https://b.example/b.png"],
        ),
        ("https://a.example/a.pngを見てください。", ["https://a.example/a.png"]),
        ("Bitte a.example/ä b.png.\nSee (x.example/b.mp4)!", ["https://x.example/b.mp4"]),
        ("See https://a.example/www.b.example/c.png, no more.", ["https://a.example/www.b.example/c.png"]),
    ],
)
def test_an_address_is_found_within_a_sentence_as_people_type_it(text: str, found: list[str]) -> None:
    listing = parsing.pasted(text)

    assert listing is not None
    assert [url for line in listing.lines for url in line.urls] == found


@pytest.mark.parametrize("before", ["", "Use ", "Anna, please use "])
def test_no_address_is_dropped_because_of_another_in_its_line(before: str) -> None:
    addresses = ["https://a.example/1.png", "data:image/png;base64,AAAA", "data:text/html,x", "htps://b.example/2"]
    one, other, third, fourth = addresses

    listing = parsing.pasted(f"Hi Anna,\n{before}{one} or {other}, and ({third}) or {fourth}.")

    assert listing is not None
    assert [url for line in listing.lines for url in line.urls] == addresses


@pytest.mark.parametrize(
    "text", ["Ask ann@b.example/x.png, please.", "It is in C:/x.de/a.png, I think.", "Say and/or a.b."]
)
def test_what_is_no_address_within_a_sentence_is_none(text: str) -> None:
    assert parsing.pasted(text) is None


def test_of_a_letter_what_is_meant_as_an_address_is_told_by_name_and_its_sender_is_not() -> None:
    text = (
        "Hi,\njavascript:alert(1)\nfile:///C:/1.png\nas in s3://x/2.png here\nhttps://x.test/1.png\nanna@x.test\ntel:1"
    )

    found = parsing.pasted(text)

    assert found
    assert [url for line in found.lines for url in line.urls] == [
        "javascript:alert(1)",
        "file:///C:/1.png",
        "s3://x/2.png",
        "https://x.test/1.png",
    ]
    assert found.notes == ("3 lines without an address left out: “Hi,”, “anna@x.test”, “tel:1”",)


TYPED = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=",;|") | st.just(" "), max_size=20)


@given(st.lists(TYPED, max_size=12))
def test_every_line_that_is_pasted_is_an_ad_or_told(lines: list[str]) -> None:
    found = parsing.pasted("\n".join(["https://x.test/1.png", *lines]))

    assert found
    told = sum(int(note.split()[0]) for note in found.notes)
    assert len(list(found.lines)) + told == 1 + sum(bool(line.strip()) for line in lines)


@pytest.mark.parametrize("text", ["Dear all", "Ad,Final URL\n7,https://x.test/1\n", '[{"url": "https://x.test/1"},]'])
def test_nothing_is_found_where_nobody_wrote_an_address_of_a_creative(text: str) -> None:
    assert parsing.pasted(text) is None


BULLETS = (
    *"•-*–—·◦▪‣●■➢→✓\uf0b7+>☐①",
    *("✔\ufe0f", "•\t", "•\xa0", "[ ]", "- [x]", "1.", "12)", "(3)", "[4]", "a)", "iv.", "1.2.", "#5"),
)


@pytest.mark.parametrize("address", ["https://x.test/sp ace ü.png", "https://x.test/1.png", "www.x.test/1 a.png"])
def test_a_bullet_before_an_address_is_no_ad_and_no_id(address: str) -> None:
    for bullet in BULLETS:
        for text in (f"{bullet} {address}", f"https://x.test/0\n{bullet} {address}\nhttps://x.test/3"):
            found = parsing.parse(text).lines

            assert [line.urls for line in found if line.urls[0][-1:] == "g"] == [(address,)], bullet
            assert all(line.ad_id is None and len(line.urls) == 1 for line in found), bullet


def test_a_dash_for_an_id_and_a_comment_are_no_bullets() -> None:
    table = parsing.parse("ad_id\turl\n-\thttps://x.test/1\n2\thttps://x.test/2\n").lines
    bare = parsing.parse("https://x.test/1\n# https://x.test/old\n").lines

    assert [(line.ad_id, line.urls) for line in table] == [(None, ("https://x.test/1",)), ("2", ("https://x.test/2",))]
    assert [line.urls for line in bare] == [("https://x.test/1",)]


@pytest.mark.parametrize(
    ("written", "ad_id"),
    [
        ('="0012"', "0012"),
        ("'0012", "0012"),
        (' ="a ""b""" ', 'a "b"'),
        ("'a'", "'a'"),
        ("o'b", "o'b"),
        ("'", None),
        ('=""', None),
        ('="a"&"b"', '="a"&"b"'),
        ("120014.0", "120014"),  # of a data frame that lacks one of them
        ("v1.0", "v1.0"),
        ("1.05", "1.05"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_id_as_a_tool_has_written_it_is_what_was_meant(written: str, ad_id: str | None, delimiter: str) -> None:
    text = io.StringIO()
    rows = (("ad_id", "image_url"), (written, '="https://x.test/1.png"'), ("7", "https://x.test/2.png"))
    csv.writer(text, delimiter=delimiter).writerows(rows)

    assert pairs(text.getvalue()) == [(ad_id, "https://x.test/1.png"), ("7", "https://x.test/2.png")]


def test_a_line_without_an_address_is_a_line_all_the_same() -> None:
    text = "Ad ID,URL\n7,https://x.test/1\n8,\n9,N/A\n,https://x.test/4\nTotal,\n"

    assert [(line.number, line.ad_id, line.urls) for line in parsing.parse(text).lines] == [
        (2, "7", ("https://x.test/1",)),
        (3, "8", ()),
        (4, "9", ("N/A",)),
        (5, None, ("https://x.test/4",)),
        (6, "Total", ()),
    ]


ROWS = [("00123", "https://a.example/1.png", 1.5), ("00124", "https://a.example/2.png", None)]
NAMES = ["ad_id", "image_url", "spend"]
RECORDS: list[dict[str, object]] = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def by_columns(records: list[dict[str, object]], labels: list[str]) -> dict[str, dict[str, object]]:
    return {name: {label: row[name] for label, row in zip(labels, records, strict=True)} for name in records[0]}


@pytest.mark.parametrize(
    "frame",
    [
        by_columns(RECORDS, ["0", "1"]),
        by_columns(RECORDS, ["5", "9"]),
        by_columns([{"image_url": row["image_url"], "spend": row["spend"]} for row in RECORDS], ["00123", "00124"]),
        {"0": RECORDS[0], "1": RECORDS[1]},
        {ad_id: {"url": url} for ad_id, url, _ in ROWS},
        {"columns": NAMES, "index": [0, 1], "data": ROWS},
        {"schema": {"fields": [{"name": name} for name in NAMES]}, "data": RECORDS},
    ],
)
def test_a_data_frame_is_read_as_its_table(frame: dict[str, object]) -> None:
    lines = parsing.parse(json.dumps(frame)).lines

    assert [(line.ad_id, line.urls) for line in lines] == [(ad_id, (url,)) for ad_id, url, _ in ROWS]


@pytest.mark.parametrize("n_without", [0, 1, 2])
def test_the_numbers_of_a_data_frames_rows_are_no_ids(n_without: int) -> None:
    urls = [f"https://a.example/{number}.png" for number in range(3)]
    records: list[dict[str, object]] = [
        {"ad_id": None if number < n_without else f"a{number}", "url": url} for number, url in enumerate(urls)
    ]
    labels = ["0", "1", "2"]

    read = [
        parsing.parse(json.dumps(frame)).lines
        for frame in (by_columns(records, labels), dict(zip(labels, records, strict=True)))
    ]

    for lines in read:
        assert [(line.ad_id, line.urls) for line in lines] == [(row["ad_id"], (row["url"],)) for row in records]


CELLS = st.none() | st.integers(-(10**13), 10**13) | st.floats(allow_nan=False) | st.booleans() | st.text(max_size=8)
IDS = st.from_regex(r"[A-Za-z_.-]{0,4}[0-9]{1,18}", fullmatch=True).filter(lambda told: not told.endswith(".0"))


@st.composite
def frames(draw: st.DrawFn) -> tuple[list[str], list[dict[str, object]], str | None]:
    """Labels and rows of a data frame, and the column that has the ads' ids; None where its labels are them."""
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    n_rows, id_column = len(ids), draw(st.sampled_from(["ad_id", "Ad ID", None]))
    cells: dict[str, list[object]] = {id_column: list(ids)} if id_column else {}
    cells[draw(st.sampled_from(["image_url", "Video URL", "creative.url"]))] = [
        f"https://x.test/{at}.png" for at in ids
    ]
    for name in draw(st.lists(st.sampled_from(["spend", "day", "name", "colour"]), min_size=1, unique=True)):
        cells[name] = draw(st.lists(CELLS, min_size=n_rows, max_size=n_rows))
    names = draw(st.permutations(list(cells)))
    numbers = draw(st.sampled_from([list(range(n_rows)), [3 * at + 5 for at in range(n_rows)]]))
    rows = [{name: cells[name][at] for name in names} for at in range(n_rows)]
    return (list(map(str, numbers)) if id_column else ids), rows, id_column


ORIENTS: dict[str, Callable[[list[str], list[dict[str, object]]], object]] = {
    "columns": lambda labels, rows: by_columns(rows, labels),
    "index": lambda labels, rows: dict(zip(labels, rows, strict=True)),
    "split": lambda labels, rows: {
        "columns": list(rows[0]),
        "index": labels,
        "data": [[*row.values()] for row in rows],
    },
    "records": lambda _, rows: rows,
    "table": lambda labels, rows: {
        "schema": {"fields": [{"name": name} for name in ("index", *rows[0])], "primaryKey": ["index"]},
        "data": [{"index": label, **row} for label, row in zip(labels, rows, strict=True)],
    },
}


@pytest.mark.parametrize("orient", ORIENTS)
@given(frames())
def test_every_ad_of_a_data_frame_comes_out_once(
    orient: str, frame: tuple[list[str], list[dict[str, object]], str | None]
) -> None:
    labels, rows, id_column = frame

    lines = parsing.parse(json.dumps(ORIENTS[orient](labels, rows))).lines

    ids = [str(row[id_column]) for row in rows] if id_column else labels
    has_none = not id_column and (orient == "records" or labels == [str(at) for at in range(len(rows))])
    assert [line.urls for line in lines] == [(f"https://x.test/{at}.png",) for at in ids]
    assert [line.ad_id for line in lines] == ([None] * len(rows) if has_none else ids)


def test_cells_of_a_data_frame_beyond_its_names_and_of_one_name_are_kept() -> None:
    urls = [f"https://x.test/{number}.png" for number in range(3)]
    frame = {"columns": ["id", "url", "url"], "data": [["a", urls[0], urls[1], "more"], ["b", urls[2]]]}

    first, second = parsing.parse(json.dumps(frame)).lines

    assert (first.ad_id, first.urls, first.extra) == ("a", tuple(urls[:2]), {"column 4": "more"})
    assert (second.ad_id, second.urls, second.extra) == ("b", (urls[2],), {})


@pytest.mark.parametrize(
    "ad",
    [
        {
            "image": {"url": "https://a.example/1.png", "width": 1},
            "video": {"url": "https://a.example/2.mp4", "width": 1},
        },
        {"image_url": {"small": "https://a.example/1.png", "large": "https://a.example/2.png"}},
        {
            "image_url": {"300x250": "https://a.example/1.png", "2x": "https://a.example/2.png"},
            "alt": {"300x250": "small", "2x": "large"},
        },
        {"ad": {"id": "7", "image_url": "https://a.example/1.png"}},
        {"creative": {"image_url": "https://a.example/1.png"}, "campaign": {"name": "x"}},
    ],
)
def test_an_ad_of_parts_is_one_ad(ad: dict[str, object]) -> None:
    assert len(list(parsing.parse(json.dumps(ad)).lines)) == 1


def test_a_broken_line_of_json_takes_no_other_with_it() -> None:
    found = parsing.parse(
        '{"ad_id": "7", "url": "https://x.test/1"}\n{"ad_id": "8", "url": \n["https://x.test/3"]\n'
    ).lines

    assert [(line.number, line.ad_id, line.urls) for line in found][:2] == [
        (1, "7", ("https://x.test/1",)),
        (2, None, ()),
    ]


def test_the_user_may_name_the_columns() -> None:
    text = "Report\nkey;film;image_url\n7;https://x.test/1;https://x.test/2\n"

    [line] = parsing.parse(text, Choice("Key", ("Film",))).lines

    assert (line.ad_id, line.urls, dict(line.extra)) == ("7", ("https://x.test/1",), {"image_url": "https://x.test/2"})


@pytest.mark.parametrize(
    ("text", "choice", "said"),
    [
        ("Ad ID;Clicks\n7;100\n", Choice(), "read as a table with semicolons between, its columns are Ad ID, Clicks"),
        ("ad_id,url\n7,https://x.test/1\n", Choice(urls=("film",)), "no column film"),
        ("ad_id,Final URL\n7,https://x.test/1\n", Choice(), "no column with the creatives' addresses"),
        ("Ad ID,Date,Impressions,Cost\n7,2026-11-01,9,5\n", Choice(), "which `creatives results FILE` takes"),
        ('[{"id": 7, "url": "https://x.test/1"},]', Choice(), "begins as JSON and is none"),
        ('{"name": "x", "version": "1.0"}', Choice(), "its objects hold name, version"),
        ('{"a": 1}\n{"b": 2}\n', Choice(), "its objects hold a, b"),
        ("Dear all,\nthe pictures are at https://x.test/1\nBest,\nM.\n", Choice(), "Dear all"),
        ("Dear all,\nplease find the plan\n", Choice(), "Dear all"),
        ("", Choice(), "all of it is blank"),
        ("/home/ana/a.png\n/home/ana/b.mp4\n", Choice(), "a.png', a file, which only the machine can open"),
        ("C:\\ads\\a 1.jpg\n", Choice(), "a file, which only the machine can open"),
        ("ad_id,file\n1,/home/a.png\n2,b.png\n", Choice(), "Column file names files, which only the machine can open"),
    ],
)
def test_what_is_no_list_is_told_with_what_was_found(text: str, choice: Choice, said: str) -> None:
    with pytest.raises(NotAListError, match=said):
        parsing.parse(text, choice)


MARKDOWN = """| Ad ID | Image URL | CTR |
|:------|:---------:|---|
| a1 | https://x.test/1.jpg | 3 |
| a2 | https://x.test/2.jpg | - |
"""
MYSQL = """+----+----------------------+
| id | url                  |
+----+----------------------+
| a1 | https://x.test/1.jpg |
| a2 | https://x.test/2.jpg |
+----+----------------------+
2 rows in set (0.00 sec)
"""
PSQL = """ id |         url
----+----------------------
 a1 | https://x.test/1.jpg
 a2 | https://x.test/2.jpg
(2 rows)
"""


@pytest.mark.parametrize("text", [MARKDOWN, MYSQL, PSQL], ids=["Markdown", "mysql", "psql"])
def test_lines_that_are_only_drawn_are_no_ads(text: str) -> None:
    lines = parsing.parse(text).lines

    assert [(line.ad_id, line.urls) for line in lines] == [
        ("a1", ("https://x.test/1.jpg",)),
        ("a2", ("https://x.test/2.jpg",)),
    ]


def test_the_user_is_told_what_the_list_lacks() -> None:
    no_ids = parsing.parse("Motiv,url\nSommer,https://x.test/1\n").notes
    rounded = parsing.parse("ad_id,url\n2.38513E+16,https://x.test/1\n").notes
    repeated = parsing.parse("ad_id,url\n7,https://x.test/1\n7,https://x.test/1\n").notes

    assert [note.split(":")[0] for note in (*no_ids, *rounded, *repeated)] == [
        "no column with the ads' ids (found",
        "a spreadsheet has rounded ids (such as 2.38513E+16)",
        "1 line repeats an ad and its address",
    ]


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        listing = parsing.parse(text)
    except NotAListError:
        return

    assert all(line.number > 0 and all(line.urls) for line in listing.lines)


@given(
    st.recursive(
        st.none() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["ad_id", "url", "items", "x"]), inner),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        parsing.parse(json.dumps([value]))
    except NotAListError:
        return


@pytest.mark.parametrize(
    ("text", "ads"),
    [
        ("#1 https://x.example/1.jpg\n#2: https://x.example/2.jpg\n# old ones\n#3 to come", ["1.jpg", "2.jpg", None]),
        (
            "ad_id,url\n#A1,https://x.example/1.jpg\n#A2,\n# until May,\nA3,https://x.example/3.jpg",
            ["1.jpg", None, "3.jpg"],
        ),
        ("# exported\n#\nid;image_url;note\n1;https://x.example/1.jpg;#best", ["1.jpg"]),
    ],
)
def test_a_number_sign_is_a_comment_only_where_nothing_else_can_be_meant(text: str, ads: list[str | None]) -> None:
    listing = parsing.parse(text)

    found = [next((url.rpartition("/")[2] for url in line.urls if "://" in url), None) for line in listing.lines]
    assert found == ads
    assert any("left out as comments" in note for note in listing.notes)


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="https://click.example/x"><img src="https://x.example/1.jpg" width="300"></a>',
        "<A HREF=https://click.example/x target=_blank><video controls><SOURCE src='https://x.example/1.jpg'></video></A>",
        '<div class="ad"><img alt="a > b" data-id=3 src="https://x.example/1.jpg"/></div>',
    ],
)
@pytest.mark.parametrize("column", ["image_url", "Creative tag"])
def test_of_html_what_it_shows_is_taken_and_never_where_it_leads(tag: str, column: str) -> None:
    quoted = tag.replace('"', '""')

    listing = parsing.parse(f'Ad ID,{column}\na1,"{quoted}"\na2,"{quoted}"\n')

    assert [line.urls for line in listing.lines] == [("https://x.example/1.jpg",)] * 2


@pytest.mark.parametrize("nothing", [None, "", "pending"])
def test_addresses_by_ids_are_ads_though_one_has_none_yet(nothing: str | None) -> None:
    held = {"n1": "https://x.example/1.jpg", "n2": "https://x.example/2.jpg", "n3": nothing}

    lines = parsing.parse(json.dumps(held)).lines

    assert [line.ad_id for line in lines] == ["n1", "n2", "n3"]
    assert [bool(line.urls and "://" in line.urls[0]) for line in lines] == [True, True, False]


@pytest.mark.parametrize(
    ("row", "address"),
    [
        ("1,x,https://x.example/6.jpg,extra,more", "https://x.example/6.jpg"),
        ("1,x,https://x.example/6.mp4,5", "https://x.example/6.mp4"),
        ("1,x,https://x.example/w_300,h_250/6.jpg", "https://x.example/w_300,h_250/6.jpg"),
        ("1,x,https://x.example/6?size=300,250", "https://x.example/6?size=300,250"),
        ('1,x,"https://x.example/6.PNG, not yet approved"', "https://x.example/6.PNG"),
    ],
)
def test_cells_beyond_the_header_are_no_part_of_an_address(row: str, address: str) -> None:
    (line,) = parsing.parse(f"ad_id,name,image_url\n{row}\n").lines

    assert line.urls == (address,)


def test_columns_of_addresses_that_are_not_read_are_told() -> None:
    rows = "1,https://x.example/1.jpg,https://x.example/s.jpg,https://shop.example"

    listing = parsing.parse(f"ad_id,image_url,square image,Final URL\n{rows}\n")

    (told,) = [note for note in listing.notes if "not read" in note]
    assert "square image" in told
    assert "final" not in told


def test_a_list_that_declares_its_delimiter_is_a_table_whatever_its_header_begins_with() -> None:
    assert pairs("sep=,\n[ad_id],image_url\n7,https://x.test/1.png\n") == [("7", "https://x.test/1.png")]


# How addresses begin, and what meant to be one.
BEGINNINGS = (
    "data:image/png;base64,", "DATA:image/png,", "data:,", "data:;charset=x,", "blob:https://x.test/", "mailto:",
    "urn:", "file:///", "ftp://x.test/", "gs://b/", "GS://b/", "s3://b/", "//x.test/", "www.x.test/",
    "WWW.X.TEST/", "x.test/", "bücher.test/", "HTTPS://X.TEST/", "https://bücher.test/", "htps://x.test/",
    "https//x.test/", "http:/x.test/", "https:x.test/", "C:\\ads\\", "localhost:80/", "1.2.3.4/", "https://[::1]/",
)  # fmt: skip
ODD = st.one_of(
    st.tuples(st.sampled_from(BEGINNINGS), st.text("ab0,;=./|", min_size=1, max_size=12)).map(
        lambda parts: f"{parts[0]}a{parts[1]}z"
    ),
    st.sampled_from(("tel:+49,1", "javascript:alert(1,2)", "about:blank", "a@b.test,c@d.test")),
)


@given(
    odd=ODD,
    marks=st.sampled_from(("{}", "\ufeff{}", '"{}"', " {}", "<{}>", "“{}”")),
    place=st.integers(0, 3),
    others=st.sampled_from(
        (
            ("https://x.test/1.png", "https://x.test/2.png", "https://x.test/3.png"),
            ("https://x.test/1.png?w=1,2", "https://x.test/2.png?w=2,3", "https://x.test/3.png"),
            ("data:image/png;base64,QUFB", "https://x.test/2;a.png", "https://x.test/3.png"),
        )
    ),
)
def test_no_line_with_an_address_is_taken_for_the_names_of_columns(
    odd: str, marks: str, place: int, others: tuple[str, ...]
) -> None:
    lines = [*others[:place], marks.format(odd), *others[place:]]

    read = list(parsing.parse("\n".join(lines)).lines)

    assert [line.number for line in read] == [1, 2, 3, 4]
    assert all(line.urls for line in read)


@given(
    odd=ODD.filter(lambda odd: not {*odd} & {*",;|"}), delimiter=st.sampled_from(",;\t|"), address_first=st.booleans()
)
def test_a_table_without_names_begins_with_its_first_ad(odd: str, delimiter: str, address_first: bool) -> None:
    ads = [("a1", odd), ("a2", "https://x.test/2.png"), ("a3", "https://x.test/3.png")]
    rows = [delimiter.join((url, ad_id) if address_first else (ad_id, url)) for ad_id, url in ads]

    assert pairs("\n".join(rows)) == ads
    assert pairs("\n".join(["Ads of spring", *rows])) == ads


@pytest.mark.parametrize(
    ("ids", "nothing"), [(("1", "2"), "missing"), (("A-1", "A-2"), "tbd"), (("2025-01-01", "2025-01-02"), "n/a")]
)
@pytest.mark.parametrize("delimiter", ",;\t|")
def test_a_table_without_names_may_begin_with_an_ad_without_an_address(
    ids: tuple[str, str], nothing: str, delimiter: str
) -> None:
    first, second = ids
    rows = [(first, nothing), (second, "https://cdn.example/2.png")]

    listing = parsing.parse("\n".join(delimiter.join(row) for row in rows))

    assert [(line.ad_id, line.urls) for line in listing.lines] == [(ad_id, (urls,)) for ad_id, urls in rows]


def test_the_names_of_columns_are_found_below_a_title_of_as_many_cells() -> None:
    listing = parsing.parse("Campaign 2024,Spring\nid,pic\n1,https://cdn.example/1.png\n")

    assert [(line.ad_id, line.urls) for line in listing.lines] == [("1", ("https://cdn.example/1.png",))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_inlined_picture_is_whole_in_a_table_without_names(delimiter: str) -> None:
    ads = [("7", "data:image/png;base64,QUFB"), ("8", "https://x.test/8.png"), ("9", "data:image/png;base64,QUJD")]

    assert pairs("\n".join(f"{ad_id}{delimiter}{url}" for ad_id, url in ads)) == ads


def test_names_of_columns_may_begin_as_an_inlined_picture_does() -> None:
    assert pairs("Data:,Inserzione ID,URL immagine\n1/2,7,https://x.test/7.png\n") == [("7", "https://x.test/7.png")]


def test_an_address_above_the_names_of_columns_is_an_ad() -> None:
    assert pairs("https://x.test/1.png,1\nurl,id\nhttps://x.test/2.png,2\n") == [
        (None, "https://x.test/1.png"),
        ("2", "https://x.test/2.png"),
    ]
    assert pairs("url,https://x.test/1.png\nurl,https://x.test/2.png\n") == [
        ("url", "https://x.test/1.png"),
        ("url", "https://x.test/2.png"),
    ]
