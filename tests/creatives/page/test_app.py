"""The page's application: what it takes, from whom, and what becomes of hostile names."""

import base64
import getpass
import io
import json
import re
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from google.cloud import pubsub_v1, storage
from google.cloud.pubsub_v1.publisher.futures import Future
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import Client, TestResponse

from creatives.analysis import inputs
from creatives.analysis.addresses import Limits
from creatives.analysis.inputs import Feed, UrlAd
from creatives.page import files, following, reading, refusing, uploads
from creatives.page.app import application
from creatives.page.counting import KEPT_S, Accepted
from creatives.page.reading import Counted, Dataset, Kept
from creatives.page.saved import SavedViews
from creatives.page.state import AppState
from shared import batches, reasons, wiring
from shared.events import (
    Correction,
    Embedding,
    FeaturesExtracted,
    Kind,
    Label,
    Match,
    MatchKind,
    Override,
    Result,
    Sighting,
)
from shared.media.sniffing import HEAD_BYTES
from shared.reasons import Reason
from shared.wiring import ROOT
from tests import spreadsheets
from tests.bigquery import Dataset as Tables
from tests.cases import first_of, some_of
from tests.e2e import pipelines
from tests.functions.render.banners import locked, zipped
from tests.infra.views.conftest import Tables as Rows
from tests.infra.views.rows import Row, World, moment

PORT = 4711
HOST = f"127.0.0.1:{PORT}"
OURS = {"Host": HOST, "Origin": f"http://{HOST}", "X-Creatives": "1"}
CREATIVE, COPY = "a" * 40, "b" * 40
PICTURE = b"\xff\xd8\xff"  # as a JPEG begins
LIMITS = Limits({Kind.IMAGE: 1000, Kind.VIDEO: 5000}.__getitem__, frozenset({("127.0.0.1", 8000)}))


class Topic:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.published: list[bytes] = []

    def topic_path(self, project: str, topic: str) -> str:
        return pubsub_v1.PublisherClient.topic_path(project, topic)

    def publish(self, topic: str, data: bytes, **_attributes: str) -> Future:
        self.published.append(data)
        accepted = Future()
        accepted.set_result("1")
        return accepted


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def client(
    dataset: Tables, bucket: storage.Bucket, gcs: storage.Client, topic: Topic, tmp_path: Path
) -> Iterator[Client]:
    shown = Dataset(dataset.client, gcs, dataset.name, tmp_path)
    yield Client(
        application(
            AppState(
                port=PORT,
                dataset=shown,
                bucket=bucket,
                incoming=tmp_path,
                awaited=tmp_path / "awaited.json",
                publisher=cast(pubsub_v1.PublisherClient, topic),
                status_url=None,
                meanings=tmp_path / "meanings.npz",
                saved=SavedViews(tmp_path),
                limits=LIMITS,
            )
        )
    )
    dataset.written.add(Result.TOPIC)  # the page loads results itself: the next test finds none of them


def upload(client: Client, *files: tuple[str, bytes], **headers: str) -> dict[str, Any]:
    sent = [(io.BytesIO(content), name) for name, content in files]
    response = client.post("/api/upload", data={"files": sent}, headers={**OURS, **headers})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


def refused(answer: Mapping[str, Any]) -> list[str]:
    return [f"{each['name']}: {each['why']}" for each in answer["refused"]]


@pytest.mark.parametrize("path", ["/", "/api/data", "/api/progress"])
@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", f"127.0.0.1:{PORT}@x"]
)
def test_nothing_is_told_under_a_foreign_name(client: Client, path: str, host: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "path",
    some_of(
        [
            "/api/check",
            "/api/upload",
            "/api/uploads/status",
            "/api/urls",
            "/api/overrides",
            "/api/labels",
            "/api/views",
        ],
        in_the_gate=["/api/upload", "/api/overrides"],
    ),
)
@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"X-Creatives": ""},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
def test_nothing_is_taken_from_another_page(
    client: Client, topic: Topic, bucket: storage.Bucket, path: str, changed: dict[str, str]
) -> None:
    response = client.post(path, json={"text": "https://a.example/1.png"}, headers={**OURS, **changed})

    assert response.status_code == 403
    assert topic.published == []
    assert list(bucket.list_blobs()) == []


def test_the_page_is_served_live(client: Client) -> None:
    response = client.get("/", headers={"Host": HOST})

    assert response.mimetype == "text/html"
    assert 'data-mode="live"' in response.text
    assert "script-src 'sha256-" in response.text


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}"])
@pytest.mark.parametrize("path", ["/api/progress", "/nothing", "/api/upload"])
def test_every_answer_is_of_no_use_to_other_pages(client: Client, path: str, host: str) -> None:
    response = client.get(path, headers={"Host": host})

    assert response.status_code != 403
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/api/upload", 405), ("POST", "/", 405), ("GET", "/../etc/passwd", 404)],
)
def test_other_addresses_and_methods_are_refused(client: Client, method: str, path: str, status: int) -> None:
    assert client.open(path, method=method, headers=OURS).status_code == status


def test_files_are_stored_under_the_names_people_gave_them(client: Client, bucket: storage.Bucket) -> None:
    sent = {"summer-sale (copy).jpg": PICTURE + b"sale", "spot.mp4": b"\0\0\0\x14ftypisom\0\0\0\0mp42"}

    answer = upload(client, *sent.items())

    stored = {blob.metadata["ad_id"]: blob.download_as_bytes() for blob in bucket.list_blobs()}
    assert (answer["accepted"], answer["refused"]) == (2, [])
    assert stored == sent


def test_the_same_file_again_is_the_same_object_and_another_of_its_name_is_not(
    client: Client, bucket: storage.Bucket
) -> None:
    one, two = PICTURE + b"one", PICTURE + b"two"

    upload(client, ("banner.jpg", one))
    upload(client, ("banner.jpg", one), ("banner.jpg", two))

    assert sorted(blob.download_as_bytes() for blob in bucket.list_blobs()) == [one, two]


def test_a_file_that_is_too_large_is_refused_and_the_others_count(
    client: Client, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusing, "FILE_BYTES", 1000)

    answer = upload(client, ("large.mp4", b"x" * 1001), ("small.jpg", PICTURE + b"x" * 997))

    assert (answer["accepted"], refused(answer)) == (
        1,
        ["large.mp4: The file is larger than the limit. Upload a smaller version. (1,001 bytes, the limit is 1,000)"],
    )
    assert [blob.metadata["ad_id"] for blob in bucket.list_blobs()] == ["small.jpg"]


def test_a_request_beyond_the_limit_is_refused(
    client: Client, bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads.UploadRequest, "max_content_length", 1000)

    response = client.post("/api/upload", data={"files": [(io.BytesIO(b"x" * 1001), "large.mp4")]}, headers=OURS)

    assert response.status_code == 413
    assert list(bucket.list_blobs()) == []


HOSTILE = [
    ("../../../etc/passwd", "passwd"),
    ("C:\\ads\\..\\banner.jpg", "banner.jpg"),
    ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
    ("a\u202egpj.exe", "agpj.exe"),
    ("line\nbreak\x00.jpg", "linebreak.jpg"),
    ("…/", "…"),
    ("////", "unnamed"),
    ("\x00", "unnamed"),
    ("é" * 300 + ".jpg", "é" * 200),
]


@pytest.mark.parametrize(("name", "shown"), HOSTILE)
def test_a_hostile_name_is_a_name_and_nothing_else(name: str, shown: str) -> None:
    assert uploads.shown_name(name) == shown


def test_a_file_with_a_hostile_name_is_stored_among_the_uploads(client: Client, bucket: storage.Bucket) -> None:
    upload(client, *((name.replace("\n", "").replace("\x00", "") or "x", PICTURE) for name, _ in HOSTILE))

    names = [blob.name for blob in bucket.list_blobs()]
    assert names
    assert all(name.startswith("uploads/") and name.count("/") == 2 and ".." not in name.split("/") for name in names)


@given(st.text())
def test_any_name_can_be_shown_and_stored(name: str) -> None:
    shown = uploads.shown_name(name)

    assert 0 < len(shown) <= 200
    assert "/" not in shown
    assert shown == uploads.shown_name(shown)
    assert shown.encode()


def test_files_of_one_name_in_two_folders_are_two_ads(client: Client, bucket: storage.Bucket) -> None:
    one, other = PICTURE + b"one", PICTURE + b"other"

    answer = upload(client, ("spring/de/a.jpg", one), ("spring/fr/a.jpg", other), ("spring/__MACOSX/a.jpg", one))

    assert (answer["accepted"], refused(answer)) == (2, ["spring/__MACOSX/a.jpg: no creative, left out"])
    assert {blob.metadata["ad_id"] for blob in bucket.list_blobs()} == {"spring/de/a.jpg", "spring/fr/a.jpg"}


@given(st.text())
def test_any_path_leads_nowhere_but_down(path: str) -> None:
    parts = uploads.shown_path(path).split("/")

    assert not {"", ".", ".."} & {part.strip() for part in parts}


def test_addresses_are_published_and_what_is_none_is_refused_by_name(client: Client, topic: Topic) -> None:
    text = "https://a.example/1.png, http://127.0.0.1:8000/2.png\nnot an address\n# a remark\nwww.a.example/3.png"
    text += "\nhttps://localhost/4.png"

    response = client.post("/api/urls", json={"text": text}, headers=OURS)

    remark = "addresses: 1 line left out as comments (they begin with #)"
    answer = response.get_json()
    assert (answer["accepted"], answer["remarks"]) == (3, [remark])
    assert refused(answer) == [
        "not an address: This is not a web address. Check it for typing errors.",
        "https://localhost/4.png: Only public web and gs:// addresses without a password are opened.",
    ]
    assert [ad["name"] for ad in answer["ads"]] == [item["ad_id"] for item in json.loads(topic.published[0])["items"]]
    (batch,) = map(json.loads, topic.published)
    assert [item["url"] for item in batch["items"]] == [
        "https://a.example/1.png",
        "http://127.0.0.1:8000/2.png",
        "www.a.example/3.png",
    ]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://www.tiktok.com/@a/video/1", "This is a video platform's page, not a file."),
        ("youtu.be/abc", "This is not a web address."),
        ("https://youtu.be/dQw4w9WgXcQ", "This is a video platform's page, not a file."),
        ("data:image/png;base64,%%%", "This is not a web address."),
        ("data:image/png;base64,AAAA", reasons.sentence(Reason.UNSUPPORTED_TYPE)),
        ("data:text/html,<p>", reasons.sentence(Reason.UNSUPPORTED_TYPE)),
    ],
)
def test_an_address_of_no_picture_and_no_film_is_refused_before_it_is_sent(
    client: Client, topic: Topic, address: str, why: str
) -> None:
    held = f"data:image/jpeg;base64,{base64.b64encode(PICTURE).decode()}"

    answer = client.post("/api/urls", json={"text": f"{held}\n{address}"}, headers=OURS).get_json()

    assert answer["accepted"] == 1
    assert [why in said for said in refused(answer)] == [True]
    assert [item["url"] for item in json.loads(topic.published[0])["items"]] == [held]


def test_a_video_on_youtube_is_taken_where_the_model_is_shown_it() -> None:
    feed = Feed([], [UrlAd("7", "https://youtu.be/dQw4w9WgXcQ"), UrlAd("8", "https://youtube.com/@channel")])

    taken, unfit = refusing.without_unusable(feed, replace(LIMITS, takes_youtube=True))

    assert [ad.ad_id for ad in taken.urls] == ["7"]
    assert [each.name for each in unfit] == ["https://youtube.com/@channel"]


def test_addresses_in_a_letter_are_analysed(client: Client, topic: Topic) -> None:
    text = "Hi Anna,\nplease look at (https://a.example/1.png), thanks"

    response = client.post("/api/urls", json={"text": text}, headers=OURS)

    assert response.get_json()["accepted"] == 1
    assert response.get_json()["remarks"] == ["addresses: 1 line without an address left out: “Hi Anna,”"]
    assert [item["url"] for item in json.loads(topic.published[0])["items"]] == ["https://a.example/1.png"]


def test_of_lines_that_are_no_letter_each_is_taken_or_refused_by_name(client: Client, topic: Topic) -> None:
    lines = ["https://a.example/1.png", "not a url", "javascript:alert(1)", "ftp://a.example/2.png"]

    answer = client.post("/api/urls", json={"text": "\n".join(lines)}, headers=OURS).get_json()

    assert (answer["accepted"], [each["name"] for each in answer["refused"]]) == (1, lines[1:])
    assert [item["url"] for item in json.loads(topic.published[0])["items"]] == lines[:1]


def test_text_without_any_address_is_refused_with_its_beginning(client: Client, topic: Topic) -> None:
    response = client.post("/api/urls", json={"text": "Dear all"}, headers=OURS)

    assert response.get_json()["accepted"] == 0
    assert "Dear all" in refused(response.get_json())[0]
    assert topic.published == []


def test_a_list_that_is_dropped_is_read_and_an_archive_unpacked(
    client: Client, topic: Topic, bucket: storage.Bucket
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("one.png", "sub/two.png", "__MACOSX/._one.png", "Thumbs.db"):
            packed.writestr(name, PICTURE + name.encode())
        packed.writestr("plan.pdf", b"%PDF-1.7")
    files = [
        (io.BytesIO(b"Ad ID;Image URL\n7;https://a.example/1.png\n8;\n9;file:///x.png\n"), "meta.csv"),
        (io.BytesIO(archive.getvalue()), "ads.zip"),
        (io.BytesIO(b"Ad name,Colour\nSummer,red\n"), "clicks.csv"),
        (io.BytesIO(b"x"), "desktop.ini"),
    ]

    answer = client.post("/api/upload", data={"files": files}, headers=OURS).get_json()

    assert answer["accepted"] == 3
    names = ["meta.csv: 8", "meta.csv: 9", "ads.zip/plan.pdf", "clicks.csv", "desktop.ini"]
    assert [each["name"] for each in answer["refused"]] == names
    assert "has no address" in answer["refused"][0]["why"]
    assert answer["refused"][1]["why"] == f"{reasons.sentence(Reason.FORBIDDEN_URL)} (file:///x.png)"
    assert answer["remarks"] == [
        "meta.csv: 2 of 3 ads are not sent: their addresses cannot be opened",
        "ads.zip: 2 files hidden or no creatives, left out",
    ]
    (batch,) = map(json.loads, topic.published)
    assert [(item["ad_id"], item["url"]) for item in batch["items"]] == [("7", "https://a.example/1.png")]
    blobs = [bucket.get_blob(blob.name) for blob in bucket.list_blobs(prefix="uploads/")]
    assert sorted(blob.metadata["ad_id"] for blob in blobs) == ["ads.zip/one.png", "ads.zip/sub/two.png"]


def test_a_row_without_address_is_no_ad_however_often_it_is_sent_and_an_id_with_two_is_two(
    client: Client, topic: Topic
) -> None:
    rows = b"Ad ID,Image URL\n1,https://a.example/1.png\n1,https://a.example/2.png\n2,\n1,https://a.example/1.png\n"

    answers = [upload(client, ("list.csv", rows)) for _ in range(2)]

    for answer in answers:
        assert answer["accepted"] == 2
        assert [each["name"] for each in answer["refused"]] == ["list.csv: 2"]
        assert answer["remarks"][1:] == [
            "list.csv: 1 id with several addresses, each counted as an ad: 1 (2 ads)",
            "list.csv: 1 of 3 ads is not sent: its address cannot be opened",
        ]
    assert client.get("/api/progress", headers=OURS).get_json()["accepted"] == 2
    assert all(item["url"] for batch in map(json.loads, topic.published) for item in batch["items"])


def test_a_list_of_results_alone_is_brought_in_and_no_command_is_named(
    client: Client, dataset: Tables, topic: Topic
) -> None:
    dataset.load("sightings", [sighting("7")])
    rows = b"Ad ID;Day;Impressions;Clicks;Cost (EUR)\n7;2026-11-02;1000;30;12,50\n9;2026-11-02;10;1;0,40\n"

    answer = upload(client, ("perf.csv", rows))

    assert (answer["accepted"], answer["refused"]) == (0, [])
    assert answer["remarks"] == [
        "perf.csv: 2 rows of results of 2 ads read",
        "perf.csv: 1 of 2 ads with results is not known here, e.g. 9: "
        "these results are no creative's until an ad of that id is analysed",
    ]
    brought = dataset.query("SELECT ad_id, impressions, currency FROM current_results ORDER BY ad_id")
    assert brought == [
        {"ad_id": "7", "impressions": 1000, "currency": "EUR"},
        {"ad_id": "9", "impressions": 10, "currency": "EUR"},
    ]
    pasted = client.post("/api/urls", json={"text": rows.decode()}, headers=OURS).get_json()
    assert pasted["remarks"][0] == "addresses: 2 rows of results of 2 ads read"
    assert [json.loads(message) for message in topic.published] == 2 * [{"tick": "results"}]


ROWS: Sequence[Sequence[object]] = [
    ["Nr", "Link", "Homepage"],
    [1, "https://a.example/1", "https://b.example/"],
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ads.csv", "\n".join(",".join(map(str, row)) for row in ROWS).encode()),
        ("ads.json", json.dumps([{str(name): cell for name, cell in zip(*ROWS, strict=True)}]).encode()),
        ("ads.xlsx", spreadsheets.xlsx({"Mai": ROWS})),
    ],
    ids=["csv", "json", "xlsx"],
)
def test_the_column_of_addresses_is_chosen_where_none_is_known(
    client: Client, topic: Topic, name: str, content: bytes
) -> None:
    (told,) = upload(client, (name, content))["refused"]
    sent = {"files": [(io.BytesIO(content), name)], "url_column": "Link"}
    answer = client.post("/api/upload", data=sent, headers=OURS).get_json()

    assert told["columns"] == ROWS[0]
    assert told["why"].endswith("Choose below the one with the creatives' addresses")
    assert (answer["accepted"], answer["refused"]) == (1, [])
    assert json.loads(topic.published[0])["items"][0]["url"] == "https://a.example/1"


def test_a_hidden_file_of_a_folder_is_left_out_and_told(client: Client) -> None:
    answer = upload(client, *((name, PICTURE) for name in ("ads/.hidden.jpg", "ads/.git/a.jpg", ".chosen.jpg")))

    assert answer["accepted"] == 1
    assert refused(answer) == ["ads/.hidden.jpg: hidden, left out", "ads/.git/a.jpg: hidden, left out"]


def test_files_of_a_locked_archive_and_one_cut_off_are_refused_by_name(client: Client, bucket: storage.Bucket) -> None:
    packed = zipped({"one.png": "one", "sub/two.png": "two", "Thumbs.db": "x"})

    answer = upload(client, ("locked.zip", locked(packed)), ("cut.zip", packed[:-40]))

    assert answer["remarks"] == ["locked.zip: 1 file hidden or no creatives, left out"]
    assert answer["accepted"] == 0
    assert [each.split(". ")[0] for each in refused(answer)] == [
        "locked.zip/one.png: The file is locked with a password",
        "locked.zip/sub/two.png: The file is locked with a password",
        "cut.zip: The archive is damaged, and this cannot be taken out of it",
    ]
    assert list(bucket.list_blobs()) == []


def test_a_zip_is_opened_whatever_it_is_called(client: Client, bucket: storage.Bucket) -> None:
    names = ("ads", "comic.cbz", "spring.jpg", "list.csv")

    answer = upload(client, *((name, zipped({"one.png": PICTURE + name.encode()})) for name in names))

    assert refused(answer) == []
    blobs = [bucket.get_blob(blob.name) for blob in bucket.list_blobs(prefix="uploads/")]
    assert {blob.metadata["ad_id"] for blob in blobs} == {f"{name}/one.png" for name in names}


def test_a_workbook_is_a_list_whatever_it_is_called(client: Client, topic: Topic) -> None:
    content = spreadsheets.xlsx({"Ads": [["Ad ID", "Image URL"], ["7", "https://a.example/1.png"]]})

    answer = upload(client, ("report", content), ("export.zip", content), ("export.dat", content))

    assert refused(answer) == []
    assert [item["ad_id"] for batch in map(json.loads, topic.published) for item in batch["items"]] == ["7"] * 3


OPEN_DOCUMENT = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}


def test_a_zip_that_no_stage_opens_is_refused_when_it_comes(client: Client, bucket: storage.Bucket) -> None:
    inner = zipped({"one.png": PICTURE})
    word = zipped({"word/document.xml": "x", "[Content_Types].xml": "x"})

    answer = upload(
        client,
        ("nested.zip", zipped({"in.zip": inner, "two.png": PICTURE})),
        ("notes.docx", word),
        ("notes", word),
        ("notes.odt", zipped(OPEN_DOCUMENT)),
        ("deck.key", zipped({"Index/Document.iwa": "x", "Data/one.png": PICTURE})),
    )

    assert [each.split(". ")[0] for each in refused(answer)] == [
        "nested.zip/in.zip: This is an archive that is not opened here",
        *(f"{name}: We cannot read this kind of file" for name in ("notes.docx", "notes", "notes.odt", "deck.key")),
    ]
    assert [bucket.get_blob(blob.name).metadata["ad_id"] for blob in bucket.list_blobs()] == ["nested.zip/two.png"]


UNFIT = {
    "plan.pdf": (b"%PDF-1.7", "We cannot read this kind of file. .* \\(it is a PDF document\\)"),
    "shop.psd": (b"8BPS", "We cannot read this kind of file. .* \\(it is a Photoshop document\\)"),
    "noise.jpg": (b"\x01\x02", "We cannot read this kind of file. .* \\(it is of no type that we know\\)"),
    "empty.png": (b"", "The file is empty. .*"),
    "empty.csv": (b"", "The file is empty. .*"),
    "empty.zip": (b"PK\x05\x06" + bytes(18), "There are no files in this archive. .*"),
    "old.rar": (b"Rar!\x1a\x07", "This is an archive that is not opened here. .*"),
    "large.jpg": (PICTURE + bytes(998), "The file is larger .* \\(a JPEG image of 1,001 bytes, the limit is 1,000\\)"),
    "Thumbs.db": (PICTURE, "no creative, left out"),
    "ads/.a.jpg": (PICTURE, "hidden, left out"),
}
"""Files that cannot work, as their first bytes and sizes tell, and what is said."""

FIT = {"a.jpg": PICTURE, "list.csv": b"Ad ID;Image URL\n", "notes.txt": b"Dear all", "ads.zip": b"PK\x03\x04"}


def check(client: Client, sent: dict[str, bytes], sizes: list[int]) -> TestResponse:
    heads = [(io.BytesIO(content), name) for name, content in sent.items()]
    return client.post("/api/check", data={"files": heads, "sizes": sizes}, headers=OURS)


def test_what_cannot_work_is_told_before_it_is_sent(client: Client, topic: Topic, bucket: storage.Bucket) -> None:
    sent = {name: content for name, (content, _) in UNFIT.items()} | FIT

    told = check(client, sent, [len(content) for content in sent.values()]).get_json()["refused"]

    assert [each and each["name"] for each in told] == [*UNFIT, *[None] * len(FIT)]
    for name, (_, why) in UNFIT.items():
        assert re.fullmatch(why, next(each["why"] for each in told if each and each["name"] == name))
    assert topic.published == list(bucket.list_blobs()) == []


def test_a_size_is_taken_from_what_is_said_of_it(client: Client) -> None:
    told = check(client, {"a.jpg": PICTURE, "b.jpg": PICTURE}, [1000, 1001]).get_json()["refused"]

    assert [each and each["name"] for each in told] == [None, "b.jpg"]


@pytest.mark.parametrize("sizes", [[], ["1", "2"], ["-1"], ["x"], ["9" * 20]])
def test_beginnings_without_sizes_are_refused(client: Client, sizes: list[object]) -> None:
    assert check(client, {"a.jpg": PICTURE}, cast(list[int], sizes)).status_code == 400


def test_what_cannot_work_is_refused_when_it_comes_too(client: Client, topic: Topic, bucket: storage.Bucket) -> None:
    answer = upload(client, *((name, content) for name, (content, _) in UNFIT.items()), ("notes.txt", b"Dear all"))

    assert [each.split(": ")[0] for each in refused(answer)] == [*UNFIT, "notes.txt"]
    assert "it is a text file" in refused(answer)[-1]
    assert topic.published == list(bucket.list_blobs()) == []


def test_an_archive_of_lists_is_those_lists(client: Client, topic: Topic, bucket: storage.Bucket) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("export/meta.csv", "Ad ID;Image URL\n7;https://a.example/1.png\n")
        packed.writestr("export/more.json", '[{"id": 8, "image_url": "https://a.example/2.png"}]')
        packed.writestr("export/clicks.csv", "Ad ID,Clicks\n7,100\n")
        packed.writestr("__MACOSX/export/._meta.csv", b"\0\5\x16\7")
    files = [(io.BytesIO(archive.getvalue()), "report.zip")]

    answer = client.post("/api/upload", data={"files": files}, headers=OURS).get_json()

    assert answer["accepted"] == 2
    assert answer["refused"] == []
    assert answer["remarks"][0] == "report.zip/export/clicks.csv: 1 row of results of 1 ad read"
    assert answer["remarks"][-1] == "report.zip: 1 file hidden or no creatives, left out"
    batches_sent = [told for told in map(json.loads, topic.published) if "items" in told]
    assert [item["ad_id"] for batch in batches_sent for item in batch["items"]] == ["7", "8"]
    assert list(bucket.list_blobs(prefix="uploads/")) == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'["https://a.example"]', "application/json", 400),
        (b'{"text": 5}', "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"text": "https://a.example"}', "text/plain", 415),
        (b'"' + b"x" * 21_000_000 + b'"', "application/json", 413),
    ],
)
def test_what_is_no_list_of_addresses_is_refused(
    client: Client, topic: Topic, content: bytes, kind: str, status: int
) -> None:
    response = client.post("/api/urls", data=content, headers={**OURS, "Content-Type": kind})

    assert response.status_code == status
    assert topic.published == []


def sighting(ad_id: str) -> Sighting:
    return Sighting.model_validate(
        {
            "event_id": "e",
            "ad_id": ad_id,
            "source": f"gs://bucket/{ad_id}",
            "origin": "upload",
            "creative_id": CREATIVE,
            "uri": "gs://bucket/object",
        }
    )


def test_the_data_is_sent_again_only_when_it_has_changed(
    dataset: Tables, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LEAST_S", 0.0)
    first = client.get("/api/data", headers=OURS)

    known = {**OURS, "If-None-Match": first.headers["ETag"]}
    same = client.get("/api/data", headers=known)
    dataset.load("sightings", [sighting("one")])
    pipelines.wait_for(lambda: client.get("/api/data", headers=known).status_code == 200)

    assert first.get_json()["n_creatives"] == 0
    assert (same.status_code, same.data) == (304, b"")


def test_progress_counts_ads_by_status(client: Client, dataset: Tables) -> None:
    dataset.load("sightings", [sighting("one"), sighting("two")])

    told = client.get("/api/progress", headers=OURS).get_json()

    assert (told["stages"], told["counts"], told["accepted"]) == ({}, {"pending": 2}, 2)


@pytest.mark.long
def test_what_people_say_and_what_ads_got_is_news_to_each_window(client: Client, dataset: Tables) -> None:
    def told() -> int:
        number: int = client.get("/api/progress", headers=OURS).get_json()["told"]
        return number

    word = {"creative_id": CREATIVE, "author": "ann", "occurred_at": moment(1), "event_id": "e"}
    before = told()
    dataset.load("corrections", [{**word, "field": "price", "action": "correct", "value": "9"}])
    pipelines.wait_for(lambda: told() == before + 1)
    dataset.load("labels", [{**word, "kind": "tag", "text": "summer", "action": "add"}])
    pipelines.wait_for(lambda: told() == before + 2)


def test_what_was_accepted_is_counted_once_before_and_after_the_dataset_has_it(
    client: Client, dataset: Tables, bucket: storage.Bucket
) -> None:
    def accepted() -> int:
        number: int = client.get("/api/progress", headers=OURS).get_json()["accepted"]
        return number

    dataset.load("sightings", [sighting("other")])
    addresses = "\n".join(f"https://a.example/{number}.png" for number in range(following.MOST + 50))
    assert accepted() == 1
    upload(client, ("one.jpg", PICTURE), ("again.jpg", PICTURE), ("one.jpg", PICTURE))
    sent = accepted()
    client.post("/api/urls", json={"text": addresses}, headers=OURS)
    listed = accepted()
    upload(client, ("one.jpg", PICTURE))
    sent_again = accepted()

    rows = [
        {"ad_id": blob.metadata["ad_id"], "source": f"gs://{bucket.name}/{blob.name}"} for blob in bucket.list_blobs()
    ]
    rows += [{"ad_id": url, "source": url} for url in addresses.split("\n")]
    for some in (rows[:1], rows[1:100], rows[100:]):  # they come in their turn
        dataset.load("sightings", [sighting("x").model_copy(update=row) for row in some])
        upload(client, ("one.jpg", PICTURE))
        assert accepted() == sent_again
    client.post("/api/urls", json={"text": addresses}, headers=OURS)

    assert (sent, listed, sent_again) == (3, 3 + following.MOST + 50, 3 + following.MOST + 50)
    assert accepted() == sent_again


@given(st.data())
def test_each_ad_that_is_accepted_is_counted_once_whatever_the_dataset_has_of_it_when(data: st.DataObject) -> None:
    ads: st.SearchStrategy[tuple[str, str | None]] = st.tuples(st.sampled_from("abcdef"), st.sampled_from(["x", None]))
    known: set[tuple[str, str | None]] = set()
    sent: set[tuple[str, str | None]] = set()

    def read(keys: Sequence[str]) -> Counted:
        of_known = {following.short_key_of(*ad) for ad in known}
        return Counted({"pending": len(known)}, of_known & set(keys))

    with tempfile.TemporaryDirectory() as folder:
        counting = Accepted(read, Path(folder, "awaited"))
        for _ in range(data.draw(st.integers(1, 8))):
            more = data.draw(st.sets(ads))
            counting.add(more)
            sent |= more
            if data.draw(st.booleans(), label="the server starts anew"):
                counting = Accepted(read, Path(folder, "awaited"))
            known |= data.draw(st.sets(ads if not sent else st.sampled_from(sorted(sent, key=str)) | ads))

            assert counting.moment().accepted == len(sent | known)


def test_an_ad_that_did_not_come_within_a_day_is_waited_for_no_longer(tmp_path: Path) -> None:
    file, nothing = tmp_path / "awaited", Counted({}, set())
    Accepted(lambda _: nothing, file).add([("late", None)])
    ((key, sent_at),) = json.loads(file.read_text()).items()

    file.write_text(json.dumps({key: sent_at - KEPT_S - 1, "0123": sent_at}))

    assert Accepted(lambda _: nothing, file).moment().awaited == 1


@given(st.data())
def test_an_ad_is_counted_by_the_name_that_the_stages_give_it(data: st.DataObject) -> None:
    cell = st.text(max_size=40) | st.text("a1 \t/:.?=&%\u00e9\u200b", max_size=600)
    rows = data.draw(st.lists(st.tuples(cell, cell | cell.map("https://a.example/{}.png".format)), max_size=5))
    listing = json.dumps([{"ad_id": ad_id, "url": url} for ad_id, url in rows] or [{"url": "https://a.example"}])
    feed = inputs.parse_list(listing.encode(), name="list.json")
    topic = Topic()

    inputs.publish(cast(pubsub_v1.PublisherClient, topic), "test", feed.urls)

    items = [item for message in topic.published for item in batches.parse(message, {}).items()]
    named = {(item.ad_id, item.url) for item in items}
    assert named == set(uploads.sent_of(feed))


def test_ads_that_were_sent_are_followed_to_their_results(
    client: Client, dataset: Tables, bucket: storage.Bucket
) -> None:
    names = ("ad.jpg", "copy.jpg", "broken.jpg", "later.jpg")
    answer = upload(client, *((name, PICTURE + name.encode()) for name in names))
    keys = {ad["name"]: ad["key"] for ad in cast(list[dict[str, str]], answer["ads"])}
    sources = {blob.metadata["ad_id"]: f"gs://{bucket.name}/{blob.name}" for blob in bucket.list_blobs()}
    w = World()
    url = "data:image/png;base64," + "é" * 1000

    def sent(name: str, creative: str) -> Row:
        return w.upload(name, creative).model_copy(update={"ad_id": name, "source": sources[name]})

    failed = w.failed_ad("broken").model_copy(update={"ad_id": "broken.jpg", "source": sources["broken.jpg"]})
    typed = w.ad("typed").model_copy(update={"ad_id": "typed", "source": url})
    Rows(dataset).fill(
        [*w.analysed("one"), *w.copied("other", "one"), sent("ad.jpg", "one"), sent("copy.jpg", "other"), failed, typed]
    )
    asked = {"keys": [*keys.values(), following.key_of("typed", url)]}

    response = client.post("/api/uploads/status", json=asked, headers=OURS)

    told = {ad["key"]: ad for ad in response.get_json()["ads"]}
    original = w.creative("one")
    assert told.keys() == set(asked["keys"]) - {keys["later.jpg"]}
    became = {name: told[key]["status"] for name, key in keys.items() if key in told}
    assert became == {"ad.jpg": "analysed", "copy.jpg": "duplicate", "broken.jpg": "failed"}
    assert [told[keys[name]]["original_id"] for name in ("ad.jpg", "copy.jpg")] == [original, original]
    assert told[keys["broken.jpg"]]["why"] == reasons.sentence(str(failed.reason))
    assert told[asked["keys"][-1]] == {
        "key": asked["keys"][-1], "status": "pending", "why": None, "stage": "fetch", "creative_id": None,
        "original_id": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "sent", [[], {}, {"keys": "a" * 64}, {"keys": [1]}, {"keys": ["a" * 63]}, {"keys": ["a" * 64] * 201}]
)
def test_what_are_no_keys_of_ads_is_refused(client: Client, sent: object) -> None:
    assert client.post("/api/uploads/status", json=sent, headers=OURS).status_code == 400


def test_a_long_list_is_named_in_part(client: Client) -> None:
    text = "\n".join(f"https://a.example/{number}.png?{'x' * 300}" for number in range(300))

    answer = client.post("/api/urls", json={"text": text}, headers=OURS).get_json()

    assert (answer["accepted"], len(answer["ads"])) == (300, following.MOST)
    assert max(len(ad["name"]) for ad in answer["ads"]) <= 200


def match_of(creative_id: str) -> Match:
    """What a creative is, which is new or a copy of the one that is."""
    values = {"event_id": "e", "kind": Kind.IMAGE, "family_id": CREATIVE, "method": "pixels", "method_version": "1"}
    kind = MatchKind.NEW if creative_id == CREATIVE else MatchKind.DUPLICATE
    return Match.model_validate({**values, "creative_id": creative_id, "canonical_id": CREATIVE, "match": kind})


def answered(dataset: Tables, uri: str) -> None:
    dataset.load("matches", [match_of(CREATIVE), match_of(COPY)])
    features = {
        "extractor": "gemini",
        "model": "m",
        "feature_model": "f",
        "feature_version": "1",
        "prompt_version": "1",
    }
    row = {"event_id": "e", "creative_id": CREATIVE, "kind": Kind.IMAGE, "answer_uri": uri, **features}
    dataset.load("features", [FeaturesExtracted.model_validate(row)])


@pytest.mark.parametrize("creative_id", [CREATIVE, COPY])
def test_the_raw_answer_is_shown_as_text_also_for_a_copy(
    client: Client, dataset: Tables, bucket: storage.Bucket, creative_id: str
) -> None:
    said = "<script>alert(1)</script> says the model"
    bucket.blob("answers/1.json").upload_from_string(json.dumps({"raw": said}))
    answered(dataset, f"gs://{bucket.name}/answers/1.json")

    response = client.get(f"/api/answers/{creative_id}", headers=OURS)

    assert (response.text, response.mimetype) == (said, "text/plain")


def test_an_answer_that_is_not_kept_is_not_found(client: Client, dataset: Tables, bucket: storage.Bucket) -> None:
    answered(dataset, f"gs://{bucket.name}/gone.json")

    for creative_id in (CREATIVE, "c" * 40, "no id", "../data"):
        assert client.get(f"/api/answers/{creative_id}", headers=OURS).status_code == 404


def stored_video(dataset: Tables, bucket: storage.Bucket, content: bytes) -> str:
    bucket.blob("spot.webm").upload_from_string(content)
    w = World()
    video = w.video("spot").model_copy(update={"uri": f"gs://{bucket.name}/spot.webm", "content_type": "video/webm"})
    Rows(dataset).fill([video, w.image("still")])
    return w.creative("spot")


def test_a_video_is_sent_in_the_parts_that_a_browser_asks_for(
    client: Client, dataset: Tables, bucket: storage.Bucket
) -> None:
    content = bytes(range(256)) * (2 * files.CHUNK_BYTES // 256) + b"end"
    spot = stored_video(dataset, bucket, content)

    def part(asked: str | None) -> tuple[int, bytes, str | None]:
        headers = {"Host": HOST} | ({"Range": asked} if asked else {})
        response = client.get(f"/api/files/{spot}", headers=headers)
        assert (response.mimetype, response.headers["Accept-Ranges"]) == ("video/webm", "bytes")
        assert response.content_length == len(response.data)
        return response.status_code, response.data, response.headers.get("Content-Range")

    size = len(content)
    assert part(None) == (200, content, None)
    assert part("bytes=0-") == (206, content, f"bytes 0-{size - 1}/{size}")
    assert part("bytes=-3") == (206, b"end", f"bytes {size - 3}-{size - 1}/{size}")
    assert part("bytes=10-19") == (206, content[10:20], f"bytes 10-19/{size}")
    assert client.get(f"/api/files/{spot}", headers={"Host": HOST, "Range": f"bytes={size}-"}).status_code == 416
    assert client.get("/api/files/nothing", headers={"Host": HOST}).status_code == 404


@pytest.mark.parametrize(
    ("content_type", "status"), [("image/gif", 200), ("image/avif", 200), ("image/tiff", 404), ("image/svg+xml", 404)]
)
def test_a_picture_is_sent_whole_where_a_browser_shows_its_kind(
    client: Client, dataset: Tables, bucket: storage.Bucket, content_type: str, status: int
) -> None:
    content = b"GIF89a and all its frames"
    bucket.blob("shown").upload_from_string(content)
    w = World()
    shown = w.image("shown").model_copy(update={"uri": f"gs://{bucket.name}/shown", "content_type": content_type})
    Rows(dataset).fill([shown])

    answer = client.get(f"/api/files/{w.creative('shown')}", headers={"Host": HOST})

    assert answer.status_code == status
    if status == 200:
        assert (answer.data, answer.mimetype) == (content, content_type)
        known = {"Host": HOST, "If-None-Match": answer.headers["ETag"]}
        assert client.get(f"/api/files/{w.creative('shown')}", headers=known).status_code == 304


def counting() -> tuple[list[int], Callable[[], int]]:
    reads: list[int] = []

    def read() -> int:
        reads.append(len(reads))
        return len(reads)

    return reads, read


@pytest.fixture
def saying(dataset: Tables) -> World:
    """Three creatives that say something, one of them with a copy."""
    w = World()
    texts = {"shoes": "New running shoes. Free delivery", "dog": "La comida que tu perro adora", "bank": "Girokonto"}
    rows: list[Row] = []
    for name, text in texts.items():
        rows += [w.sighting(name, name), *w.analysed(name)[:-1], w.answer(name, features={"text": text})]
    Rows(dataset).fill([*rows, w.sighting("copy", "copy"), *w.copied("copy", "dog")])
    return w


@pytest.mark.long
def test_creatives_are_found_by_what_they_mean_and_copies_as_one(client: Client, saying: World) -> None:
    found = client.get("/api/find?words=nourriture+pour+chien", headers={"Host": HOST}).get_json()["creatives"]
    alike = client.get(f"/api/like/{saying.creative('dog')}", headers={"Host": HOST})

    assert found[0] == saying.creative("dog")
    assert saying.creative("copy") not in found
    assert {saying.creative("dog"), saying.creative("copy")}.isdisjoint(alike.get_json()["creatives"])


def test_what_is_like_one_is_told_by_its_vectors_where_there_are_some(
    client: Client, dataset: Tables, saying: World
) -> None:
    given = {"event_id": "e", "kind": "image", "model": "m", "dimensions": 128, "answered_at": moment(7)}
    rest = [0.5] * 127
    dataset.load(
        "embeddings",
        [
            Embedding.model_validate(given | {"creative_id": saying.creative(name), "vector": [first, *rest]})
            for name, first in (("dog", 1.0), ("bank", 0.9), ("shoes", -1.0))
        ],
    )

    alike = client.get(f"/api/like/{saying.creative('copy')}", headers={"Host": HOST}).get_json()["creatives"]

    assert alike == [saying.creative("bank"), saying.creative("shoes")]


@pytest.mark.parametrize("path", ["/api/find", "/api/find?words=+"])
def test_a_question_without_words_is_refused(client: Client, path: str) -> None:
    response = client.get(path, headers={"Host": HOST})

    assert (response.status_code, response.get_json()) == (400, {"error": "say what is looked for: /api/find?words=…"})


@pytest.mark.parametrize("creative_id", ["x", COPY])
def test_nothing_is_like_what_says_nothing(client: Client, creative_id: str) -> None:
    assert client.get(f"/api/like/{creative_id}", headers={"Host": HOST}).get_json() == {"creatives": []}


def test_a_reading_is_kept_for_a_while() -> None:
    reads, read = counting()
    kept = Kept(read, least_s=1000)

    assert [kept.get(), kept.get()] == [1, 1]
    assert len(reads) == 1


def test_a_reading_is_made_anew_for_whoever_knows_of_a_change_since() -> None:
    told, (_, read), now = iter(["before", "before", "after"]), counting(), [0.0]
    counts, report = (
        Kept(each, least_s=n, clock=lambda: now[0]) for each, n in ((lambda: next(told), 0), (read, 1000))
    )

    found = []
    for now[0] in (1.0, 2.0, 3.0):
        counts.get()
        now[0] += 0.5
        found.append(report.get(since=counts.changed_at))

    assert found == [1, 1, 2]


def test_a_reading_is_made_anew_after_three_times_as_long_as_it_took() -> None:
    now, (_, read) = [0.0], counting()

    def slow() -> int:
        now[0] += 5
        return read()

    kept = Kept(slow, least_s=2, clock=lambda: now[0])
    told = []
    for now[0] in (0.0, 5.1, 19.9, 20.1, 40.0):
        told.append(kept.get())

    assert told == [1, 1, 1, 2, 2]


def test_whoever_asks_meanwhile_gets_the_reading_that_is_under_way() -> None:
    started, go_on = threading.Event(), threading.Event()
    reads, read = counting()

    def slow() -> int:
        started.set()
        assert go_on.wait(30)
        return read()

    kept = Kept(slow, least_s=1000)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(kept.get)
        assert started.wait(30)
        others = [pool.submit(kept.get) for _ in range(5)]
        go_on.set()

    assert [first.result(), *(other.result() for other in others)] == [1] * 6
    assert len(reads) == 1


def test_what_closes_waits_for_the_reading_that_is_under_way_and_has_no_other_begun() -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        assert go_on.wait(30)
        return "found"

    kept = Kept(slow, least_s=0)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(kept.get)
        assert started.wait(30)
        closed = pool.submit(kept.close)
        assert not closed.done()
        go_on.set()

    assert read.result() == "found"
    assert closed.result() is None
    with pytest.raises(ServiceUnavailable):
        kept.get()


def test_a_reading_that_failed_is_tried_again() -> None:
    answers = iter([ValueError("not now"), None])

    def read() -> str:
        if fault := next(answers):
            raise fault
        return "found"

    kept = Kept(read, least_s=1000)
    with pytest.raises(ValueError, match="not now"):
        kept.get()

    assert kept.get() == "found"


def correct(client: Client, **said: object) -> tuple[int, dict[str, object]]:
    given = {"creative_id": CREATIVE, "field": "price", "action": "correct", "value": "19.99"}
    response = client.post("/api/corrections", json=given | said, headers=OURS)
    return response.status_code, response.get_json()


@pytest.mark.parametrize(
    ("said", "word", "told"),
    [
        ({}, {"field": "price", "action": "correct", "value": "19.99"}, 19.99),
        ({"value": ""}, {"field": "price", "action": "correct", "value": None}, None),
        ({"field": "dominant_colors", "value": "red, blue"}, {"value": '["red","blue"]'}, ["red", "blue"]),
        ({"action": "reset", "value": None}, {"action": "reset", "value": None}, None),
    ],
)
def test_a_word_on_a_feature_is_published_as_this_users(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object], word: dict[str, object], told: object
) -> None:
    dataset.load("matches", [match_of(CREATIVE)])

    status, answer = correct(client, **said)

    assert (status, answer["told"]) == (200, told)
    (published,) = [Correction.model_validate_json(each) for each in topic.published]
    assert published.model_dump(include=set(word)) == word
    assert (published.creative_id, published.author) == (CREATIVE, getpass.getuser())


ANSWERED = {"price": 49.9, "has_people": False, "dominant_colors": ["red", "blue"]}


CONFIRMED: list[tuple[dict[str, object], int]] = [
    ({"value": "49.90"}, 200),
    ({"field": "dominant_colors", "value": ["red", "blue"]}, 200),
    ({"field": "brand", "value": None}, 200),
    ({"value": 77}, 409),
    ({"field": "brand_logos", "value": [{"brand": "Acme"}]}, 409),
    ({"field": "brand_logos", "value": [{"position": "left"}]}, 422),
    ({"field": "brand_logos", "value": [{"brand": ["Acme"]}]}, 400),
    ({"value": 49.9}, 200),
    ({"field": "has_people", "value": False}, 200),
    ({"value": None}, 409),
    ({"field": "has_people", "value": True}, 409),
    ({"field": "dominant_colors", "value": ["blue", "red", "pink"]}, 409),
    ({"field": "brand", "value": "Vanta"}, 409),
]


@pytest.mark.parametrize(("said", "status"), first_of(CONFIRMED))
def test_only_what_stands_can_be_confirmed(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object], status: int
) -> None:
    w = World()
    answer_row = w.answer("ad", features=ANSWERED)
    Rows(dataset).fill([w.sighting("ad", "ad"), *w.analysed("ad")[:-1], answer_row])

    found, answer = correct(client, **({"creative_id": w.creative("ad"), "action": "confirm"} | said))

    assert (found, len(topic.published)) == (status, status == 200)
    assert status == 200 or answer["error"]


def test_words_come_in_one_request_and_all_or_none_of_them_hold(client: Client, dataset: Tables, topic: Topic) -> None:
    w = World()
    Rows(dataset).fill([w.sighting("ad", "ad"), *w.analysed("ad")[:-1], w.answer("ad", features=ANSWERED)])
    dataset.load("matches", [match_of(CREATIVE)])
    confirm = {"creative_id": w.creative("ad"), "action": "confirm"}
    words: list[dict[str, object]] = [
        {**confirm, "field": "price", "value": 49.9},
        {**confirm, "field": "has_people", "value": False},
        {"creative_id": CREATIVE, "field": "style", "action": "correct", "value": "photo"},
    ]
    refused = {
        422: {**words[0], "value": "free"},
        409: {**words[0], "value": 77},
        404: {**words[0], "creative_id": COPY},
    }

    for status, one in refused.items():
        assert client.post("/api/corrections", json=[*words, one], headers=OURS).status_code == status
    assert topic.published == []
    answer = client.post("/api/corrections", json=words, headers=OURS)

    assert [(each["field"], each["told"]) for each in answer.get_json()] == [
        ("price", 49.9),
        ("has_people", False),
        ("style", "photo"),
    ]
    assert len(topic.published) == 3


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"value": "free"}, 422),
        ({"value": "-1"}, 422),
        ({"value": "NaN"}, 422),
        ({"field": "brand", "value": "A\x00B"}, 422),
        ({"field": "brand", "value": "\ud800"}, 422),
        ({"note": "\ud800"}, 400),
        ({"field": "\ud800"}, 400),
        ({"field": "no_such"}, 422),
        ({"field": "scenes", "value": "x"}, 422),
        ({"action": "shred"}, 400),
        ({"value": {"a": 1}}, 422),
        ({"creative_id": "'; DROP TABLE corrections --"}, 400),
        ({"creative_id": COPY}, 404),
        ({"author": "somebody else"}, 400),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object], status: int
) -> None:
    dataset.load("matches", [match_of(CREATIVE)])

    found, answer = correct(client, **said)

    assert (found, topic.published) == (status, [])
    assert answer["error"]
    assert "_Said" not in str(answer)


@pytest.mark.parametrize("sent", [[], [1], "x", [{}] * 301])
def test_what_is_no_word_at_all_is_refused_in_words(client: Client, topic: Topic, sent: object) -> None:
    answer = client.post("/api/corrections", json=sent, headers=OURS)

    assert (answer.status_code, topic.published) == (400, [])
    assert "creative_id" in answer.get_json()["error"]


@pytest.mark.parametrize("missing", ["Origin", "X-Creatives"])
def test_no_other_page_has_a_word(client: Client, topic: Topic, missing: str) -> None:
    headers = {name: value for name, value in OURS.items() if name != missing}

    assert client.post("/api/corrections", json={}, headers=headers).status_code == 403
    assert topic.published == []


def test_every_stage_has_a_word_on_the_page() -> None:
    script = (ROOT / "creatives" / "report" / "assets" / "format.js").read_text()

    assert [name for name in wiring.load().functions if not re.search(rf'\b{name}: "[A-Z]', script)] == []


def test_the_page_looks_at_as_much_of_a_file_as_tells_what_it_is() -> None:
    script = (ROOT / "creatives" / "report" / "assets" / "sending.js").read_text()

    assert f"const HEAD_BYTES = {HEAD_BYTES};" in script


def rule(client: Client, **said: object) -> tuple[int, dict[str, object]]:
    sent = {"creative_id": COPY, "action": "split", **said}
    response = client.post("/api/overrides", json=sent, headers=OURS)
    answer: dict[str, Any] = response.get_json()
    return response.status_code, answer


@pytest.mark.parametrize("said", [{}, {"action": "merge", "canonical_id": CREATIVE}, {"action": "reset"}])
def test_a_match_is_ruled_on_as_the_command_does(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object]
) -> None:
    dataset.load("matches", [match_of(CREATIVE), match_of(COPY)])

    status, answer = rule(client, note="by eye", **said)

    (published,) = topic.published
    ruling = Override.model_validate_json(published)
    assert (status, answer["author"]) == (200, getpass.getuser())
    assert (ruling.creative_id, ruling.action) == (COPY, said.get("action", "split"))
    assert (ruling.canonical_id, ruling.author, ruling.note) == (said.get("canonical_id"), getpass.getuser(), "by eye")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"action": "shred"}, 400),
        ({"action": "merge"}, 400),
        ({"canonical_id": CREATIVE}, 400),
        ({"action": "merge", "canonical_id": COPY}, 400),
        ({"action": "merge", "canonical_id": "d" * 40}, 404),
        ({"creative_id": "d" * 40}, 404),
        ({"creative_id": "'; DROP TABLE overrides --"}, 400),
        ({"note": "\ud800"}, 400),
        ({"author": "somebody else"}, 400),
    ],
)
def test_what_cannot_be_ruled_is_refused_in_words(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object], status: int
) -> None:
    dataset.load("matches", [match_of(CREATIVE), match_of(COPY)])

    found, answer = rule(client, **said)

    assert (found, topic.published) == (status, [])
    assert answer["error"]
    assert "_Ruling" not in str(answer)


def test_a_creative_is_not_merged_into_its_own_copy(client: Client, dataset: Tables, topic: Topic) -> None:
    dataset.load("matches", [match_of(CREATIVE), match_of(COPY)])

    status, answer = rule(client, creative_id=CREATIVE, action="merge", canonical_id=COPY)

    assert (status, topic.published) == (422, [])
    assert "split it first" in str(answer["error"])


@pytest.mark.parametrize("sent", [[], 1, "x"])
def test_what_is_no_ruling_at_all_is_refused_in_words(client: Client, topic: Topic, sent: object) -> None:
    answer = client.post("/api/overrides", json=sent, headers=OURS)

    assert (answer.status_code, topic.published) == (400, [])
    assert "creative_id" in answer.get_json()["error"]


def test_a_label_is_put_on_and_taken_off_in_its_one_form(client: Client, dataset: Tables, topic: Topic) -> None:
    dataset.load("matches", [match_of(CREATIVE)])
    said = {"creative_id": CREATIVE, "kind": "tag", "text": " Summer "}

    answers = [
        client.post("/api/labels", json={**said, **more}, headers=OURS).get_json()
        for more in ({}, {"action": "remove"})
    ]

    published = [Label.model_validate_json(each) for each in topic.published]
    assert [(each.text, each.action, each.author) for each in published] == [
        ("summer", action, getpass.getuser()) for action in ("add", "remove")
    ]
    assert [answer["text"] for answer in answers] == ["summer", "summer"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"text": " "}, 422),
        ({"text": "x" * 61}, 422),
        ({"text": "\ud800"}, 422),
        ({"text": "sum\u202emer"}, 422),
        ({"text": "summer, winter"}, 422),
        ({"text": 1}, 400),
        ({"kind": "colour"}, 400),
        ({"action": "reset"}, 400),
        ({"author": "somebody else"}, 400),
        ({"creative_id": COPY}, 404),
        ({"creative_id": "x"}, 400),
    ],
)
def test_what_is_no_label_is_refused_in_words(
    client: Client, dataset: Tables, topic: Topic, said: dict[str, object], status: int
) -> None:
    dataset.load("matches", [match_of(CREATIVE)])
    sent = {"creative_id": CREATIVE, "kind": "tag", "text": "summer", **said}

    answer = client.post("/api/labels", json=sent, headers=OURS)

    assert (answer.status_code, topic.published) == (status, [])
    assert answer.get_json()["error"]
    assert "_Label" not in answer.text


def test_labels_come_in_one_request_and_all_or_none_of_them_hold(client: Client, dataset: Tables, topic: Topic) -> None:
    dataset.load("matches", [match_of(CREATIVE), match_of(COPY)])
    sent = [{"creative_id": each, "kind": "tag", "text": "Summer"} for each in (CREATIVE, COPY)]
    unknown = {"creative_id": "c" * 40, "kind": "tag", "text": "summer"}

    refused = [
        client.post("/api/labels", json=each, headers=OURS)
        for each in ([*sent, unknown], [*sent, 1], [], 501 * sent[:1])
    ]
    told = list(topic.published)
    answer = client.post("/api/labels", json=sent, headers=OURS).get_json()

    assert [each.status_code for each in refused] == [404, 400, 400, 400]
    assert told == []
    assert [(each["creative_id"], each["text"]) for each in answer] == [(CREATIVE, "summer"), (COPY, "summer")]
    assert len(topic.published) == 2


def test_views_are_saved_listed_and_deleted(client: Client) -> None:
    def told(answer: TestResponse) -> list[str]:
        return [view["name"] for view in answer.get_json()["views"]]

    assert told(client.get("/api/views", headers=OURS)) == []
    assert told(client.post("/api/views", json={"name": "sale", "address": "#/gallery?q=sale"}, headers=OURS)) == [
        "sale"
    ]
    assert told(client.get("/api/views", headers=OURS)) == ["sale"]
    assert told(client.post("/api/views", json={"name": "sale"}, headers=OURS)) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [([], 400), ({}, 400), ({"name": 1}, 400), ({"name": "x", "address": "https://evil.example"}, 422)],
)
def test_what_is_no_view_is_refused_in_words(client: Client, sent: object, status: int) -> None:
    answer = client.post("/api/views", json=sent, headers=OURS)

    assert answer.status_code == status
    assert answer.get_json()["error"]
