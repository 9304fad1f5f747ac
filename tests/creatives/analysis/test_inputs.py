"""What a user's paths and lists are taken for."""

import errno
import gzip
import io
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import combinations, count
from pathlib import Path
from urllib.parse import unquote

import duckdb
import openpyxl
import pytest
from google.cloud import pubsub_v1
from hypothesis import given
from hypothesis import strategies as st

from creatives.analysis import archives, inputs, listfiles
from creatives.analysis.inputs import File, InputError, UrlAd
from creatives.analysis.listfiles import ListError
from shared import batches, columns
from shared.columns import BY_NAME, Choice
from shared.media.sniffing import HEAD_BYTES
from shared.reasons import Reason
from tests import spreadsheets
from tests.functions.render.banners import locked, zipped

ROWS = [["Ad ID", "Kampagne", "Image URL"], *([str(n), f"Größe {n}", f"https://x.test/{n}.png"] for n in range(54))]
ADS = [(row[0], row[2]) for row in ROWS[1:]]
PNG = b"\x89PNG\r\n\x1a\n"


def semicolons(rows: Sequence[Sequence[str]]) -> str:
    return "".join(";".join(row) + "\r\n" for row in rows)


def test_a_folder_gives_its_files_and_counts_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", ".hidden.jpg", "sub/c.mp4", ".git/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    feed = inputs.collect([tmp_path])

    assert [file.path.name for file in feed.files] == ["a.jpg", "b.jpg", "c.mp4"]
    assert feed.junk == 2


def test_what_is_no_creative_by_its_nature_is_left_out_and_counted(tmp_path: Path) -> None:
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini", "~$plan.docx", "._a.jpg", "a.jpg", "sub/ehthumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    feed = inputs.collect([tmp_path])

    assert [file.path.name for file in feed.files] == ["a.jpg"]
    assert feed.junk == 6


def test_a_folder_that_systems_make_is_left_out_as_one(tmp_path: Path) -> None:
    (tmp_path / "@eaDir/a.jpg").mkdir(parents=True)
    (tmp_path / "@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg").write_bytes(b"x")
    (tmp_path / "a.jpg").write_bytes(b"x")

    feed = inputs.collect([tmp_path])

    assert [file.path for file in feed.files] == [tmp_path / "a.jpg"]
    assert feed.junk == 1


def test_linked_folders_are_entered_once_whatever_loops_there_are(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.jpg").write_bytes(b"x")
    (tmp_path / "ads/deep").mkdir(parents=True)
    (tmp_path / "ads/deep/b.jpg").write_bytes(b"y")
    (tmp_path / "ads/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "ads/deep/loop").symlink_to(tmp_path / "ads")
    (tmp_path / "ads/broken.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "ads/same.jpg").symlink_to(tmp_path / "ads/deep/b.jpg")

    feed = inputs.collect([tmp_path / "ads"])

    assert {str(file.path.relative_to(tmp_path)): file.refusal and file.refusal.detail for file in feed.files} == {
        "ads/broken.jpg": "a link to a file that is not there",
        "ads/deep/b.jpg": None,
        "ads/linked/a.jpg": None,
        "ads/same.jpg": None,
    }


FOLDERS_OF_FILES = {"ads/m/a.jpg": b"a", "ads/m/noext": b"b", "ads/z/c.jpg": b"c", "other/d.jpg": b"d"}
LINKS = {
    "ads/a-first.png": "m/noext",
    "ads/a/noext": "../m/noext",
    "ads/a-folder": "z",
    "ads/m/to-the-top": "..",
    "ads/z/round": "../m",
    "ads/gone.png": "nowhere",
    "ads/z/other": "../../other",
    "other/back": "../ads",
    "other/a-other.jpg": "d.jpg",
}


def folders(tmp_path: Path, links: Iterable[str]) -> dict[str, str]:
    """The ads of two folders by name, with their objects."""
    for name, content in FOLDERS_OF_FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for name in links:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(LINKS[name])
    files = inputs.collect([tmp_path / "ads", tmp_path / "other"]).files
    return {str(file.path.relative_to(tmp_path)): file.object_name for file in files}


@pytest.mark.parametrize("n_links", [1, 2, len(LINKS)])
def test_links_take_no_file_s_name_and_change_no_object(n_links: int, tmp_path: Path) -> None:
    for number, links in enumerate(combinations(LINKS, n_links)):
        plain = folders(tmp_path / f"{number}/plain", [])
        plain = {name: File(tmp_path / f"{number}/linked" / name).object_name for name in plain}
        linked = folders(tmp_path / f"{number}/linked", links)

        assert linked.items() >= plain.items()
        assert linked.keys() - plain.keys() == {name for name in links if Path(name).suffix or name == "ads/a/noext"}
        assert len(set(linked.values())) == len(linked)


def test_what_is_named_by_a_link_too_goes_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "z/a.jpg").write_bytes(b"x")
    (tmp_path / "z/ads.csv").write_text("url\nhttps://x.test/1.png\n-\n")
    (tmp_path / "a").symlink_to("z")

    feed = inputs.collect([tmp_path / name for name in ("a/a.jpg", "a/ads.csv", "z/a.jpg", "z/ads.csv", "a")])

    assert [file.path for file in feed.files] == [tmp_path / "z/a.jpg", tmp_path / "a/ads.csv"]
    assert [ad.ad_id for ad in feed.urls] == ["https://x.test/1.png", f"{tmp_path}/z/ads.csv, line 3"]


def test_what_is_unpacked_is_not_found_again_in_a_folder_above(tmp_path: Path) -> None:
    (tmp_path / "ads.zip").write_bytes(zipped({"a.png": PNG}))
    (tmp_path / "scratch").mkdir()

    feed = inputs.collect([tmp_path / "ads.zip", tmp_path], tmp_path / "scratch")

    assert [file.ad_id for file in feed.files] == [f"{tmp_path}/ads.zip/a.png"]


def test_all_that_is_wrong_with_what_is_named_is_told_at_once(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text("campaign,spend\nx,1\ny,2\n")
    (tmp_path / "good.jpg").write_bytes(b"x")

    with pytest.raises(InputError) as told:
        inputs.collect([tmp_path / name for name in ("a.csv", "gone.jpg", "good.jpg", "b.csv", "gone", "c.csv")])

    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{tmp_path}/{name}" for name in ("gone.jpg", "gone", "a.csv", "b.csv", "c.csv")
    ]


def test_a_folder_that_may_not_be_read_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "locked")  # root may read all

    feed = inputs.collect([tmp_path])

    assert [(file.path.name, file.refusal and file.refusal.reason) for file in feed.files] == [
        ("a.jpg", None),
        ("locked", Reason.UNREADABLE_FILE),
    ]


def test_what_is_no_file_of_a_folder_is_an_ad_that_fails(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")

    feed = inputs.collect([tmp_path])

    assert [(file.path.name, file.refusal and file.refusal.reason) for file in feed.files] == [
        ("loop.png", Reason.UNREADABLE_FILE),
        ("pipe.jpg", Reason.UNREADABLE_FILE),
    ]


def test_a_file_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")

    feed = inputs.collect([tmp_path, tmp_path / "a.jpg"])

    assert len(feed.files) == 1


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing-here: no such file"):
        inputs.collect([tmp_path / "nothing-here"])


def test_a_name_of_no_encoding_is_told_and_ends_nothing(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/sommer-\xfc.jpg")).write_bytes(b"x")
    (tmp_path / "a\nb.jpg").write_bytes(b"y")

    feed = inputs.collect([tmp_path])

    assert [file.ad_id.rpartition("/")[2] for file in feed.files] == ["a\nb.jpg", "sommer-\ufffd.jpg"]
    assert all(file.object_name.isascii() and file.ad_id.encode() for file in feed.files)


def test_a_text_file_inside_a_folder_is_a_creative_to_be_judged_not_a_list(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("https://example.com/a.jpg\n")

    feed = inputs.collect([tmp_path])

    assert [file.path.name for file in feed.files] == ["plan.txt"]
    assert not feed.urls


@pytest.mark.parametrize("name", ["list.csv", "deep/list.csv"])
def test_a_list_inside_a_folder_is_said_to_be_one_that_can_be_named_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / name).write_text("ad_id,url\n1,https://example.com/a.jpg\n2,https://example.com/b.jpg\n")
    (tmp_path / "sizes.csv").write_text("format,width\nbanner,300\n")
    (tmp_path / "notes.txt").write_text("Media plan\nfor the summer\n")

    feed = inputs.collect([tmp_path])

    told = "a list of 2 ads, but in a folder; name it itself, and they are analysed"
    assert feed.notes == [f"{tmp_path / name}: {told}"]
    assert not feed.urls
    assert len(inputs.collect([tmp_path / name]).urls) == 2


def test_a_text_file_without_urls_named_by_the_user_is_a_creative(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("Media plan\nfor the summer, and more\n")

    feed = inputs.collect([tmp_path / "plan.txt"])

    assert len(feed.files) == 1


def test_a_picture_with_a_lists_name_is_a_creative(tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_bytes(b"\x89PNG\r\n\x1a\n....")

    feed = inputs.collect([tmp_path / "ads.csv"])

    assert len(feed.files) == 1


@pytest.mark.parametrize(
    ("name", "text", "ads"),
    [
        (
            "urls.txt",
            "https://a.test/1.png\n\n# old\nhttps://a.test/2.png\n",
            [("https://a.test/1.png", {}), ("https://a.test/2.png", {})],
        ),
        ("ads.csv", "ad_id,url,campaign\n7,https://a.test/1.png,spring\n", [("7", {"campaign": "spring"})]),
        ("ads.csv", "URL\nhttps://a.test/1.png\n", [("https://a.test/1.png", {})]),
        ("ads.ndjson", '{"ad_id": "7", "url": "https://a.test/1.png", "n": 3}\n', [("7", {"n": "3"})]),
        ("ads.json", '[{"id": 7, "image_url": "https://a.test/1.png"}]', [("7", {})]),
        ("gs.txt", "gs://bucket/1.png\n", [("gs://bucket/1.png", {})]),
    ],
)
def test_lists_of_urls(tmp_path: Path, name: str, text: str, ads: list[tuple[str, dict[str, str]]]) -> None:
    (tmp_path / name).write_text(text)

    feed = inputs.collect([tmp_path / name])

    assert [(ad.ad_id, ad.extra) for ad in feed.urls] == ads
    assert not feed.files


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((f"{encoding}.csv", semicolons(ROWS).encode(encoding)) for encoding in ENCODINGS),
        ("excel.csv", b"sep=;\r\n" + semicolons(ROWS).encode("cp1252")),
        ("meta.tsv", "".join("\t".join(row) + "\n" for row in ROWS).encode("utf-16")),
        ("ads.csv.gz", gzip.compress(semicolons(ROWS).encode())),
        ("ads.xlsx", spreadsheets.xlsx({"Notes": [["Weekly report"]], "Ads": ROWS})),
        ("named-wrongly.csv", spreadsheets.xlsx({"Ads": [["Report"], [], *ROWS]})),
        ("ads.jsonl", "".join(json.dumps(dict(zip(ROWS[0], row, strict=True))) + "\n" for row in ROWS[1:]).encode()),
    ],
)
def test_54_lines_in_any_file_are_54_ads_with_their_letters(name: str, content: bytes) -> None:
    feed = inputs.parse_list(content, name=name)

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == ADS
    assert [ad.extra["kampagne"] if "kampagne" in ad.extra else ad.extra["Kampagne"] for ad in feed.urls] == [
        row[1] for row in ROWS[1:]
    ]
    assert ("Windows-1252" in " ".join(feed.notes)) == (name in ("cp1252.csv", "excel.csv"))


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1251", "Летняя распродажа"),
        ("cp1250", "Příliš žluťoučký kůň"),
        ("cp1254", "Yaz indirimi şimdi başlıyor"),
        ("shift_jis", "夏の大感謝祭、送料無料"),
        ("cp1253", "Καλοκαιρινές εκπτώσεις"),
    ],
)
def test_other_code_pages_are_guessed_and_said(encoding: str, word: str) -> None:
    feed = inputs.parse_list(f"ad_id,name,url\n7,{word},https://x.test/1\n".encode(encoding), name="ads.csv")

    assert feed.urls[0].extra == {"name": word}
    assert "not UTF-8" in feed.notes[0]


def test_numbers_of_a_spreadsheet_are_ids_as_they_are_shown() -> None:
    content = spreadsheets.xlsx(
        {"Ads": [["ID", "URL"], [101, "https://x.test/1"], [120211234567890, "https://x.test/2"]]}
    )

    feed = inputs.parse_list(content, name="ads.xlsx")

    assert [ad.ad_id for ad in feed.urls] == ["101", "120211234567890"]


def test_ids_that_a_spreadsheet_has_rounded_are_told() -> None:
    rows: list[list[object]] = [["ID", "URL"]]
    rows += [[120210000000000000, "https://x.test/1"], ["120210000000000017", "https://x.test/2"]]

    [told] = inputs.parse_list(spreadsheets.xlsx({"Ads": rows}), name="ads.xlsx").notes

    assert told.startswith("ads.xlsx: 1 id of 16 and more digits written as numbers (such as 120210000000000000)")


def test_a_hidden_sheet_is_read_and_told() -> None:
    workbook = openpyxl.Workbook()
    for number, name in enumerate(("Ads", "Archive"), start=1):
        sheet = workbook.create_sheet(name)
        sheet.append(["ID", "URL"])
        sheet.append([str(number), f"https://x.test/{number}"])
    workbook["Archive"].sheet_state = "hidden"
    content = io.BytesIO()
    workbook.save(content)

    feed = inputs.parse_list(content.getvalue(), name="ads.xlsx")

    assert [ad.ad_id for ad in feed.urls] == ["1", "2"]
    assert tuple(feed.notes) == ("ads.xlsx: sheet 'Archive' is hidden, and was read as well",)


def test_lines_without_an_address_are_ads_that_will_be_told_of() -> None:
    feed = inputs.parse_list(b"Ad ID,URL\n7,\n,\n8,N/A\n,https://a.test/1.png\n,--\n", name="list.csv")

    assert feed.urls == [
        UrlAd("7", None),
        UrlAd("8", "N/A"),
        UrlAd("https://a.test/1.png", "https://a.test/1.png"),
        UrlAd("list.csv, line 6", "--"),
    ]


def test_what_stands_below_a_table_is_told_and_no_ad() -> None:
    content = (
        "Ad ID,Image URL,Impressions\n7,https://a.test/1.png,10\n8,,5\nGrand total,,15\n"
        "Gesamt (2 Anzeigen),,15\nReport Time:,2026-11-15\nDate Range:,2026-11-01\nTotal,https://a.test/2.png,1\n"
    )

    feed = inputs.parse_list(content.encode(), name="list.csv")

    assert feed.urls == [
        UrlAd("7", "https://a.test/1.png", {"impressions": "10"}),
        UrlAd("8", None, {"impressions": "5"}),
        UrlAd("Total", "https://a.test/2.png", {"impressions": "1"}),
    ]
    assert (
        "list.csv: 4 lines without an address, and no ad's: 'Grand total' in line 4, "
        "'Gesamt (2 Anzeigen)' in line 5, 'Report Time:' in line 6, …"
    ) in feed.notes


def test_a_total_that_stands_in_another_column_is_no_ad_and_a_line_without_id_and_address_is_one() -> None:
    content = (
        "Campaign,Ad ID,Image URL,Impressions\nSpring,7,https://a.test/1.png,10\nTotal,,,15\n"
        "Total recall,,,5\n,,,15\nTotal,,n/a,1\n"
    )

    feed = inputs.parse_list(content.encode(), name="list.csv")

    told = "list.csv: 1 line without an address, and no ad's: 'Total' in line 3"
    assert told in feed.notes
    assert [ad.ad_id for ad in feed.urls] == ["7", "list.csv, line 4", "list.csv, line 5", "list.csv, line 6"]


HEADER: list[list[object]] = [["Ad ID", "Image URL"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ads.csv", b"Ad ID,Image URL\n"),
        ("ads.csv", b"sep=;\nAd ID;Image URL\n;\n"),
        ("ads.tsv", b"Ad ID\tImage URL"),
        ("ads.txt", b"url\n\n"),
        ("ads.xlsx", spreadsheets.xlsx({"Ads": HEADER})),
    ],
)
def test_a_list_with_only_a_header_says_so(name: str, content: bytes) -> None:
    feed = inputs.parse_list(content, name=name)

    assert (feed.urls, feed.notes) == ([], [f"{name}: no line below its header"])


def test_a_sheet_with_only_a_header_is_named_beside_others() -> None:
    content = spreadsheets.xlsx({"May": HEADER, "June": [*HEADER, ["7", "https://x.test/1"]]})

    feed = inputs.parse_list(content, name="ads.xlsx")

    assert (len(feed.urls), feed.notes) == (1, ["ads.xlsx: sheet 'May': no line below its header"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("ads.csv", b"\n \n"), ("ads.ndjson", b"\n"), ("ads.xlsx", spreadsheets.xlsx({"Ads": []}))],
)
def test_a_list_of_nothing_is_blank(name: str, content: bytes) -> None:
    with pytest.raises(InputError, match="all of it is blank"):
        inputs.parse_list(content, name=name)


def test_a_line_that_cannot_be_read_goes_by_its_number() -> None:
    feed = inputs.parse_list(b'{"ad_id": "7", "url": "https://a.test/1"}\n{"ad_id": \n', name="list.ndjson")

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == [("7", "https://a.test/1"), ("list.ndjson, line 2", None)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ads.csv", b"Ad ID;Clicks\n7;100\n", "ads.csv: no column with .*semicolons.*Ad ID, Clicks"),
        (
            "ads.xlsx",
            spreadsheets.xlsx({"Tab 1": [["Ad ID", "Clicks"], [7, 100]]}),
            "ads.xlsx: sheet 'Tab 1'.*Ad ID, Clicks",
        ),
        ("ads.xlsx", b"PK\x03\x04 no zip", "ads.xlsx: a damaged spreadsheet"),
        ("ads.csv.gz", b"\x1f\x8b no gzip", "ads.csv.gz: a damaged gzip file"),
        ("ads.json", b"[]", "ads.json: it holds no ads"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_was_found(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=said):
        inputs.collect([tmp_path / name])


@pytest.mark.parametrize(
    ("head", "kind"), [(b"\x89PNG\r\n\x1a\n", "a PNG image"), (b"\xff\xd8\xff\xe0", "a JPEG image")]
)
def test_a_picture_is_no_list_and_is_told_to_be_one(tmp_path: Path, head: bytes, kind: str) -> None:
    (tmp_path / "ad.png").write_bytes(head + bytes(range(128, 256)) * 10)

    with pytest.raises(InputError, match=f"it is {kind}, and no list: `creatives analyze` takes"):
        inputs.read_list(tmp_path / "ad.png")


def test_files_of_other_tools_that_hold_tables_are_named(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS ad_id, 10 AS impressions) TO '{tmp_path}/a' (FORMAT parquet)")
    with closing(sqlite3.connect(tmp_path / "b")) as database:
        database.execute("CREATE TABLE results (ad_id, impressions)")

    for name, said in {"a": "a Parquet file", "b": "an SQLite database"}.items():
        for given_as in (tmp_path / name, (tmp_path / name).read_bytes()):
            with pytest.raises(ListError, match=f"{said}, which is not read as a list: export it as CSV"):
                listfiles.read(given_as, name, BY_NAME)


@pytest.mark.parametrize("first", ["ORCID", "PAR1", "ARROW1"])
def test_a_list_whose_first_column_is_called_as_such_files_begin_is_a_list(first: str) -> None:
    feed = inputs.parse_list(f"{first},image_url\n1,https://a.example/1.png\n".encode(), name="ads.csv")

    assert [ad.url for ad in feed.urls] == ["https://a.example/1.png"]


def test_a_table_of_a_kind_that_is_not_read_is_told_to_be_one_where_creatives_are_asked_for(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS ad_id, 10 AS impressions) TO '{tmp_path}/raw.parquet' (FORMAT parquet)")

    with pytest.raises(
        InputError, match=r"raw\.parquet: a Parquet file, which is not read as a list: export it as CSV"
    ):
        inputs.collect([tmp_path / "raw.parquet"])


@pytest.mark.slow
def test_a_workbook_that_is_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as sheet:
        for _ in range(600):
            sheet.write(bytes(10**6))

    with pytest.raises(InputError, match="it unpacks to 600,000,000 bytes"):
        inputs.parse_list(bomb.getvalue(), name="ads.xlsx")


def test_an_archive_gives_its_files_under_their_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
        for name in ("a.jpg", "été/b.mp4", "../../c.jpg", "__MACOSX/._a.jpg", "Thumbs.db", "inner.zip"):
            archive.writestr(name, name)

    feed = inputs.collect([tmp_path / "ads.zip"], tmp_path / "scratch")

    names = [file.ad_id.removeprefix(f"{tmp_path}/ads.zip/") for file in feed.files]
    assert names == ["a.jpg", "été/b.mp4", "../../c.jpg", "inner.zip"]
    assert [file.path.read_text() for file in feed.files] == names
    assert len({file.object_name for file in feed.files}) == 4
    assert all(file.path.is_relative_to(tmp_path / "scratch") for file in feed.files)
    assert feed.junk == 2


def test_files_of_one_name_in_an_archive_are_two_objects(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
        archive.writestr("a.jpg", "one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.jpg", "two")

    feed = inputs.collect([tmp_path / "ads.zip"], tmp_path / "scratch")

    assert [file.ad_id.rpartition("/")[2] for file in feed.files] == ["a.jpg", "a.jpg (2)"]
    assert len({file.object_name for file in feed.files}) == 2


def test_an_archive_of_one_list_is_that_list(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "report.zip", "w") as archive:
        archive.writestr("report.csv", semicolons(ROWS))

    feed = inputs.collect([tmp_path / "report.zip"], tmp_path / "scratch")

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == ADS


def test_an_archive_of_nothing_but_lists_is_those_lists(tmp_path: Path) -> None:
    halves = [[ROWS[0], *ROWS[1:28]], [ROWS[0], *ROWS[28:]]]
    with zipfile.ZipFile(tmp_path / "report.zip", "w") as archive:
        archive.mkdir("export")
        archive.writestr("export/a.csv", semicolons(halves[0]))
        archive.writestr("export/b.xlsx", spreadsheets.xlsx({"b": halves[1]}))
        archive.writestr("export/README.txt", "Exported on Monday.")
        archive.writestr("__MACOSX/export/._a.csv", b"\0\5\x16\7")

    fed = inputs.collect([tmp_path / "report.zip"], tmp_path / "scratch")
    published = inputs.read_list(tmp_path / "report.zip")

    assert [(ad.ad_id, ad.url) for ad in fed.urls] == [(ad.ad_id, ad.url) for ad in published.urls] == ADS
    assert [file.ad_id.rpartition("/")[2] for file in fed.files] == ["README.txt"]
    assert [note for note in published.notes if "README.txt: no list" in note]


def test_a_broken_list_in_an_archive_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "lists.zip").write_bytes(zipped({"a.csv": "x,y\n1,2\n", "b.csv": semicolons(ROWS)}))
    (tmp_path / "none.zip").write_bytes(zipped({"a.csv": "x,y\n1,2\n"}))

    feed = inputs.collect([tmp_path], tmp_path / "scratch")

    refused = {file.ad_id.removeprefix(f"{tmp_path}/"): file.refusal for file in feed.files}
    assert list(refused) == ["a.jpg", "lists.zip/a.csv", "none.zip/a.csv"]
    assert refused["a.jpg"] is None
    for refusal in (refused["lists.zip/a.csv"], refused["none.zip/a.csv"]):
        assert refusal is not None
        assert refusal.detail.startswith("no column with the creatives' addresses")
    assert [(ad.ad_id, ad.url) for ad in feed.urls] == ADS


def test_a_broken_list_that_is_named_among_others_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(semicolons(ROWS))
    broken = {
        "b.csv": (b"x,y\n1,2\n", Reason.UNSUPPORTED_TYPE),
        "c.parquet.json": (b"{}", Reason.UNSUPPORTED_TYPE),
        "d.xlsx": (b"PK\x03\x04 no zip", Reason.UNSUPPORTED_TYPE),
        "e.csv": (b"", Reason.EMPTY_FILE),
        "f.csv.gz": (b"\x1f\x8b no gzip", Reason.BROKEN_ARCHIVE),
    }
    for name, (content, _) in broken.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in ("a.csv", *broken)]

    feed = inputs.collect(paths)

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == ADS
    told = {file.ad_id: file.refusal.reason for file in feed.files if file.refusal}
    assert told == {str(tmp_path / name): reason for name, (_, reason) in broken.items()}
    with pytest.raises(InputError, match=r"(?s)b\.csv: no column.*\.json: .*d\.xlsx: a damaged"):
        inputs.collect(paths[1:])
    with pytest.raises(InputError, match=r"b\.csv: no column Image URL"):
        inputs.collect(paths[:2], choice=Choice(urls=("Image URL",)))


def test_an_archive_of_nothing_but_broken_lists_that_is_all_that_was_named_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.zip").write_bytes(zipped({"a.csv": "x,y\n1,2\n"}))

    with pytest.raises(InputError, match=r"none\.zip/a\.csv: no column with the creatives' addresses"):
        inputs.collect([tmp_path / "none.zip"], tmp_path / "scratch")


def test_an_archive_without_a_list_is_not_published(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
        archive.writestr("a.jpg", b"\xff\xd8\xff\xe0")

    with pytest.raises(InputError, match=r"a\.jpg: no list of addresses; `creatives analyze` takes archives of files"):
        inputs.read_list(tmp_path / "ads.zip")


def test_a_banner_in_html_is_one_creative(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "banner.zip", "w") as archive:
        archive.writestr("banner/index.html", "<html>")
        archive.writestr("banner/a.png", "x")

    feed = inputs.collect([tmp_path / "banner.zip"], tmp_path / "scratch")

    assert [file.path.name for file in feed.files] == ["banner.zip"]


def test_banners_in_folders_of_an_archive_are_each_a_creative(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "campaign.zip", "w") as archive:
        for size in ("300x250", "728x90", "été"):
            archive.writestr(f"out/{size}/INDEX.html", f"<html>{size}")
            archive.writestr(f"out/{size}/frames/index.html", "<html>")
            archive.writestr(f"out/{size}/a.png", "x")
        archive.writestr("out/backup.jpg", "x")
        archive.writestr("__MACOSX/out/300x250/._INDEX.html", "x")

    feed = inputs.collect([tmp_path / "campaign.zip"], tmp_path / "scratch")

    names = [file.ad_id.removeprefix(f"{tmp_path}/campaign.zip/out/") for file in feed.files]
    assert names == ["300x250.zip", "728x90.zip", "été.zip", "backup.jpg"]
    assert len({file.object_name for file in feed.files}) == 4
    for file, size in zip(feed.files, ("300x250", "728x90", "été"), strict=False):
        with zipfile.ZipFile(file.path) as own:
            assert own.namelist() == ["INDEX.html", "frames/index.html", "a.png"]
            assert own.read("INDEX.html").decode() == f"<html>{size}"


def test_files_of_a_locked_archive_are_ads_that_fail(tmp_path: Path) -> None:
    (tmp_path / "ads.zip").write_bytes(locked(zipped({"a.jpg": "x", "sub/b.jpg": "y", "Thumbs.db": "z"})))
    (tmp_path / "banners.zip").write_bytes(locked(zipped({"1/index.html": "x", "2/index.html": "y", "c.jpg": "z"})))

    feed = inputs.collect([tmp_path], tmp_path / "scratch")

    refused = {file.ad_id.removeprefix(f"{tmp_path}/"): file.refusal for file in feed.files}
    assert list(refused) == [
        "ads.zip/a.jpg", "ads.zip/sub/b.jpg", "banners.zip/1.zip", "banners.zip/2.zip", "banners.zip/c.jpg"
    ]  # fmt: skip
    assert {refusal.reason for refusal in refused.values() if refusal} == {Reason.LOCKED_FILE}
    assert len({file.object_name for file in feed.files}) == 5
    assert (feed.junk, feed.notes) == (1, [])


def test_an_archive_without_files_is_an_ad_that_fails(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({}))
    (tmp_path / "b.zip").write_bytes(zipped({"folder/": ""}))

    feed = inputs.collect([tmp_path], tmp_path / "scratch")

    assert [file.refusal and file.refusal.reason for file in feed.files] == [Reason.EMPTY_ARCHIVE] * 2


def test_a_damaged_archive_is_an_ad_that_fails_and_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "cut.zip").write_bytes(zipped({"a.jpg": "x", "b.jpg": "y"})[:-40])

    feed = inputs.collect([tmp_path], tmp_path / "scratch")

    assert [(file.path.name, file.refusal and file.refusal.reason) for file in feed.files] == [
        ("a.jpg", None),
        ("cut.zip", Reason.BROKEN_ARCHIVE),
    ]
    with pytest.raises(InputError, match="The archive is damaged"):
        inputs.read_list(tmp_path / "cut.zip")


@pytest.mark.parametrize("name", ["big.png", "big", "big.txt"])
def test_a_file_that_unpacks_to_far_more_than_it_is_packed_in_is_refused_and_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(archives, "FILE_BYTES_ALWAYS", 10**6)
    (tmp_path / "ads.zip").write_bytes(zipped({name: b"\x89PNG\r\n\x1a\n" + bytes(10**6), "a.png": PNG}))

    feed = inputs.collect([tmp_path / "ads.zip"], tmp_path / "scratch")

    refusals = [file.refusal for file in feed.files]
    assert refusals[1] is None
    assert refusals[0]
    assert refusals[0].reason is Reason.TOO_LARGE
    assert refusals[0].detail.startswith("it unpacks to 1,000,008 bytes, over 100 times the ")
    assert [path.name for path in (tmp_path / "scratch").glob("*/*")] == ["1"]


def test_an_archive_that_unpacks_to_far_more_than_its_own_size_is_an_ad_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ARCHIVE_BYTES_ALWAYS", 10**6)
    (tmp_path / "ads.zip").write_bytes(zipped({f"{n}.png": PNG + bytes(4 * 10**5) for n in range(3)}))

    (file,) = inputs.collect([tmp_path], tmp_path / "scratch").files

    assert (file.path.name, file.refusal and file.refusal.reason) == ("ads.zip", Reason.TOO_LARGE)
    assert not list((tmp_path / "scratch").glob("*/*"))


def test_of_a_file_that_nobody_can_read_an_archive_gives_no_more_than_tells_what_it_is(tmp_path: Path) -> None:
    held = {"a.exe": b"MZ", "b.bin": b"\1", "c.rar": b"Rar!\x1a\x07", "d.png": b"\0", "e.png": PNG, "f.csv": b"url\n"}
    (tmp_path / "ads.zip").write_bytes(zipped({name: head + bytes(10_000) for name, head in held.items()}))

    feed = inputs.collect([tmp_path / "ads.zip"], tmp_path / "scratch")

    assert [file.path.stat().st_size for file in feed.files] == [*[HEAD_BYTES] * 4, len(PNG) + 10_000, 10_004]


def test_a_full_disk_is_no_fault_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ads.zip").write_bytes(zipped({"a.png": PNG}))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)

    with pytest.raises(InputError, match="No space left"):
        inputs.collect([tmp_path], tmp_path / "scratch")


def test_a_file_that_may_not_be_read_is_an_ad_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda *_: False)

    (file,) = inputs.collect([tmp_path]).files

    assert file.refusal
    assert file.refusal.reason is Reason.UNREADABLE_FILE


def test_a_file_that_an_archive_has_damaged_is_told_and_the_others_count(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.jpg", "AAAAAAAA")
        archive.writestr("b.jpg", "BBBBBBBB")
    (tmp_path / "ads.zip").write_bytes(packed.getvalue().replace(b"AAAAAAAA", b"AAAAAAAX"))

    feed = inputs.collect([tmp_path / "ads.zip"], tmp_path / "scratch")

    assert [(file.ad_id.rpartition("/")[2], file.refusal and file.refusal.reason) for file in feed.files] == [
        ("a.jpg", Reason.BROKEN_ARCHIVE),
        ("b.jpg", None),
    ]
    assert not feed.files[0].path.exists()


def test_the_user_names_the_columns(tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_text("key,film,image_url\n7,https://x.test/1,https://x.test/2\n")

    feed = inputs.collect([tmp_path / "ads.csv"], choice=Choice("key", ("film",)))

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == [("7", "https://x.test/1")]


class Topic:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.published: list[bytes] = []

    def topic_path(self, project: str, topic: str) -> str:
        return pubsub_v1.PublisherClient.topic_path(project, topic)

    def publish(self, topic: str, data: bytes) -> "Accepted":
        self.published.append(data)
        return Accepted()


class Accepted:
    def result(self, timeout: float) -> str:
        return "1"


def published(ads: Sequence[UrlAd]) -> Iterator[batches.Item | batches.Malformed]:
    topic = Topic()
    inputs.publish(topic, "p", ads)  # type: ignore[arg-type]
    for message in topic.published:
        assert len(message) < 10**7
        yield from batches.parse(message, {}).items()


@pytest.mark.slow
def test_what_is_published_is_read_as_it_was_meant() -> None:
    ads = [
        UrlAd("7", "https://x.test/1", {"image_url": "https://x.test/other", "creative_id": "9"}),
        UrlAd("8", None, {"copy": "b"}),
        UrlAd("9", "N/A"),
        *(UrlAd(f"data {n}", "data:image/png;base64," + "A" * 3_000_000) for n in range(4)),
    ]

    found = list(published(ads))

    assert [(item.ad_id, item.url) for item in found] == [(ad.ad_id, ad.url) for ad in ads]
    assert isinstance(found[0], batches.Item)
    assert json.loads(found[0].extra or "") == ads[0].extra


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        feed = inputs.parse_list(content, name="list.csv")
    except InputError:
        return

    assert all(ad.ad_id and ad.url != "" for ad in feed.urls)


@pytest.mark.parametrize("make", [lambda text: text.encode(), lambda text: text.encode("utf-16")])
@given(text=st.text(max_size=60))
def test_any_text_is_decoded(make: Callable[[str], bytes], text: str) -> None:
    assert isinstance(listfiles.decoded(make(text.encode("utf-8", "replace").decode()))[0], str)


@given(st.text(min_size=1, max_size=250).filter(lambda name: "/" not in name and "\0" not in name))
def test_an_object_name_is_short_and_plain_whatever_the_files_name(name: str) -> None:
    object_name = File(Path("/ads") / name).object_name

    assert len(object_name) < 200
    assert object_name.isprintable()
    assert object_name.isascii()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("summer sale (1).jpg", "summer sale (1).jpg"),
        ("летняя-распродажа-для-всех-instagram-story.jpg", "летняя-распродаж…tagram-story.jpg"),
        ("夏のバーゲンセール全品半額キャンペーン2026.png", "夏のバーゲンセール…ン2026.png"),
        (f"{'campaign-' * 25}last.jpeg", None),
    ],
)
def test_a_long_name_keeps_both_its_ends_and_no_half_of_a_letter(name: str, shown: str | None) -> None:
    kept = unquote(File(Path("/ads") / name).object_name.rpartition("/")[2])

    assert "\ufffd" not in kept
    assert kept.startswith(name[:6])
    assert kept.endswith(name[-8:])
    assert shown in (None, kept)


def test_files_of_one_name_in_two_folders_are_two_objects() -> None:
    assert File(Path("/a/x.jpg")).object_name != File(Path("/b/x.jpg")).object_name


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("gb18030", "广告ID,图片链接,名称"),
        ("shift_jis", "広告ID,画像URL,名前"),
        ("euc_kr", "광고 ID,이미지 URL,이름"),
        ("cp1251", "ID объявления,Ссылка на изображение,Имя"),
    ],
)
def test_a_short_list_of_another_script_is_told_by_its_header(encoding: str, header: str) -> None:
    content = f"{header}\n1,https://a.example/1.png,x\n".encode(encoding)

    feed = inputs.parse_list(content, name="ads.csv")

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == [("1", "https://a.example/1.png")]
    assert header.split(",")[2].lower() in feed.urls[0].extra


def test_the_totals_of_an_export_are_lines_of_their_own() -> None:
    content = b"Ad ID,Image URL,Clicks\n1,https://a.example/1.png,5\n--,--,8\n --, --,9\n"

    feed = inputs.parse_list(content, name="ads.csv")

    assert [ad.ad_id for ad in feed.urls] == ["1", "ads.csv, line 3", "ads.csv, line 4"]


def test_a_zip_is_opened_whatever_it_is_called_and_a_document_is_not(tmp_path: Path) -> None:
    for name in ("ads", "comic.cbz", "spring.jpg"):
        (tmp_path / name).write_bytes(zipped({"a.png": PNG}))
    (tmp_path / "notes.docx").write_bytes(zipped({"word/document.xml": "x", "[Content_Types].xml": "x"}))
    (tmp_path / "report").write_bytes(spreadsheets.xlsx({"Ads": ROWS}))

    feed = inputs.collect([tmp_path, tmp_path / "ads", tmp_path / "report"], tmp_path / "scratch")

    names = sorted(file.ad_id.removeprefix(f"{tmp_path}/") for file in feed.files)
    assert names == ["ads/a.png", "comic.cbz/a.png", "notes.docx", "report", "spring.jpg/a.png"]
    assert [(ad.ad_id, ad.url) for ad in feed.urls] == ADS


@pytest.mark.parametrize(
    "lines",
    [
        ["Hi Anna,", "look at {}, {}"],
        ["Hi Anna,", "", "here are the banners: {}, {} and ({}).", "The fourth is {}.", "", "Best,", "Bob"],
        ["Hi Anna, hi Tom,", "", "the banners: {}, {}, {}.", "- summer: {}", "anna@x.test", "", "Thanks, Bob"],
        ["Look at {}, {}, and {}"],
        ["Hallo Anna,", "", "anbei: {}; {}.", "Der dritte ist {}.", "", "Grüße", "Bob"],
    ],
)
def test_no_address_of_a_letter_is_lost_to_its_commas(lines: list[str]) -> None:
    numbers = count()
    text = "\n".join(
        line.format(*(f"https://x.test/{next(numbers)}.png" for _ in range(line.count("{}")))) for line in lines
    )

    feed = inputs.parse_pasted(text, name="pasted")

    assert [ad.url for ad in feed.urls] == [f"https://x.test/{number}.png" for number in range(next(numbers))]


GREETINGS = (
    "",
    "Hi Anna,",
    "Hello team,",
    "Dear all;",
    "Hallo Anna",
    "> On Monday Bob wrote:",
    "皆様、",
    "#summer, #sale",
)
OTHERS = ("Thanks, Bob", "Best,", "We need them by Monday, 9 am.", "--", "Cost: 1,200; 300", "call me | text me", "")
SENTENCES = (
    *("look at {}", "here are the banners: {}, {} and {}", "- {}", "2) {}, {}", "see {} (old), {} (new)", "Summer: {}"),
    *("Please check {}; {}; and also {}", "| {} | {} |", "> {}", "<{}>", "[banner]({}), [other]({})", "{}\t{}", "{},"),
    *(
        "final | {} | approved",
        "a) {}, approved",
        "{} - approved, {} - not yet",
        "Compare {} vs. {}",
        "Old: {}, New: {}",
    ),
    *('<a href="{}">one</a>, <a href="{}">two</a>', "![]({}) ![]({})", '<img src="{}"> and <img src="{}">'),
    *("{};{}", "{} , {} , {}", "\t{}\t{}", "Budget 1,000, links: {}, {}", "“{}”, „{}“", 'The fourth is at "{}".'),
)


@given(
    st.sampled_from(GREETINGS),
    st.lists(st.sampled_from(SENTENCES) | st.sampled_from(OTHERS), min_size=2, max_size=8).filter(
        lambda lines: any("{}" in line for line in lines)
    ),
    st.sampled_from((".png", ".gif?x=1&y=2", ".webp#t", "_(1).mp4")),
)
def test_every_address_of_a_letter_is_an_ad(greeting: str, lines: list[str], end: str) -> None:
    text = "\n".join((greeting, *lines))
    addresses = [f"https://cdn.x.test/a{number}{end}" for number in range(text.count("{}"))]

    feed = inputs.parse_pasted(text.format(*addresses), name="pasted")

    assert {ad.url for ad in feed.urls} >= {*addresses}


def test_a_table_without_a_header_has_texts_with_addresses_in_them() -> None:
    table = "".join(f'{n},https://x.test/{n}.png,"Buy it, at https://shop.test/{n} now"\n' for n in range(3))

    feed = inputs.parse_list(table.encode(), name="ads.csv")

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == [(str(n), f"https://x.test/{n}.png") for n in range(3)]


@pytest.mark.parametrize("end", ["?size=1,2", "?a=1,2,3#x"])
def test_an_address_with_commas_that_nobody_quoted_is_whole(end: str) -> None:
    feed = inputs.parse_list(f"id,url\n7,https://x.test/a.png{end}\n".encode(), name="ads.csv")

    assert [(ad.ad_id, ad.url) for ad in feed.urls] == [("7", f"https://x.test/a.png{end}")]


@pytest.mark.parametrize("cell", ["x.png " * 20_000 + "é/", "x.png/ " * 20_000 + "é", "[a](" * 20_000])
def test_a_long_cell_is_looked_through_once(cell: str) -> None:
    """With what looks for the end of a file again from each file's end this takes a minute."""
    assert not columns.ends_as_file(cell)
    assert "".join(columns.urls_in(cell)).strip() == cell.strip()
