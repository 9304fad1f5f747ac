"""`fetch` against a hostile site: what becomes of each URL, and that nothing internal is ever contacted."""

import base64
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from cloudevents.http import CloudEvent
from google.cloud import storage

from functions.fetch import main
from functions.fetch.downloading import SiteUnavailableError
from functions.fetch.hosts import HostBusyError
from functions.fetch.settings import settings
from shared import clients, identity, youtube
from shared.events import Ad, Event, Extraction, Match, Origin, Sighting
from shared.reasons import Reason, Rejected
from tests.gcs import Buckets
from tests.hostile_server import Canary, HostileServer, clip, picture
from tests.memory import memory

type Found = tuple[Any, ...]

AGAIN = "tried again"
NAMES: dict[str, list[str]] = {
    "media.test": ["127.0.0.1"],
    "private.test": ["10.0.0.5"],
    "metadata.test": ["169.254.169.254"],
    "mixed.test": ["2606:4700:4700::1111", "127.9.8.7"],
    "mapped.test": ["::ffff:127.9.8.7"],
    "nat64.test": ["64:ff9b::7f09:0807"],
    "ula.test": ["fd00::1"],
    "loopback.test": ["127.9.8.7"],
    "drive.google.com": ["127.0.0.1"],
    "drive.usercontent.google.com": ["127.0.0.1"],
    "www.dropbox.com": ["127.0.0.1"],
}
"""What the test's name server knows."""

SHARING = ("drive.google.com", "drive.usercontent.google.com", "www.dropbox.com")


@pytest.fixture(scope="module")
def site() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as listener:
        yield listener


@pytest.fixture(autouse=True)
def _environment(site: HostileServer, buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small limits of size, so that what is too large is so soon; time enough for a machine that is busy."""
    limits = {
        "FETCH_ALLOW_HOSTS": ",".join([site.host_port, *(f"{host}:{site.port}" for host in ("media.test", *SHARING))]),
        "MAX_IMAGE_BYTES": 1_000_000,
        "MAX_VIDEO_BYTES": 12_000_000,
        "FETCH_SPOOL_BYTES": 2**20,
        "FETCH_RETRY_AFTER_S": 1,
    }
    for name, value in limits.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(socket, "getaddrinfo", resolver(socket.getaddrinfo))
    settings.cache_clear()
    main.hosts.forget()
    yield
    settings.cache_clear()
    main.hosts.forget()


_connections: list[list[Found]] = []
_others: set[int | None] = set()


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _connections and threading.get_ident() not in _others:
        _connections[-1].append(args[1])


sys.addaudithook(_audit)


@pytest.fixture
def connected() -> Iterator[list[Found]]:
    """The addresses to which sockets are opened meanwhile: the interpreter itself tells.

    By this thread, and those that it starts: clients of earlier tests may still be at work in theirs.
    """
    _others.clear()
    _others.update(each.ident for each in threading.enumerate() if each is not threading.current_thread())
    _connections.append([])
    yield _connections[-1]
    _connections.pop()


def is_cloud_storage(address: Found) -> bool:
    return bool(address[1] == urlsplit(os.environ["STORAGE_EMULATOR_HOST"]).port)


def resolver(real: Callable[..., list[Found]]) -> Callable[..., list[Found]]:
    """A name server that knows `NAMES` and no other name under .test."""

    def getaddrinfo(host: str, port: int, *args: int, **kwargs: int) -> list[Found]:
        if host == "down.test":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if not host.endswith(".test") and host not in NAMES:
            return real(host, port, *args, **kwargs)
        if host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [entry for address in NAMES[host] for entry in real(address, port, type=socket.SOCK_STREAM)]

    return getaddrinfo


def ad(url: str, ad_id: str = "ad-1") -> Ad:
    return Ad(event_id=f"event-of-{ad_id}", ad_id=ad_id, source=url, batch_id="batch-1", origin=Origin.BATCH)


def fetched(url: str, ad_id: str = "ad-1") -> Sighting:
    [event] = main.step(ad(url, ad_id))
    assert isinstance(event, Sighting)
    return event


def fate(url: str) -> object:
    """The id of the stored content, the reason of a refusal, or that the URL is to be tried again."""
    try:
        return fetched(url).creative_id
    except Rejected as rejection:
        return rejection.reason
    except SiteUnavailableError:
        return AGAIN


PNG = identity.creative_id(picture())
JPEG = identity.creative_id(picture(1, "JPEG"))

OF_THE_SITE: dict[str, object] = {
    "/image.png": PNG,
    "/image.jpg": JPEG,
    "/image.gif": identity.creative_id(picture(2, "GIF")),
    "/image.webp": identity.creative_id(picture(3, "WEBP")),
    "/video.mp4": identity.creative_id(clip()),
    "/video.webm": identity.creative_id(clip("webm")),
    "/spaced name/ü.png#top": PNG,
    "/chunked.png": PNG,
    "/until-closed.png": PNG,
    "/page-as-png": Reason.NOT_MEDIA_PAGE,
    "/png-as-page": PNG,
    "/png-as-octets": PNG,
    "/jpeg.png": JPEG,
    "/no-type": PNG,
    "/short.png": AGAIN,
    "/long.png": PNG,
    "/claims-terabytes.mp4": Reason.TOO_LARGE,
    "/claims-terabytes.zip": Reason.TOO_LARGE,
    "/endless.png": Reason.TOO_LARGE,
    "/endless.html": Reason.NOT_MEDIA_PAGE,
    "/endless-zeros": Reason.UNSUPPORTED_TYPE,
    "/endless-headers": AGAIN,
    "/drip.png": AGAIN,
    "/drip-headers": AGAIN,
    "/silent": AGAIN,
    "/gzip.png": PNG,
    "/deflate.png": PNG,
    "/bomb.png": Reason.TOO_LARGE,
    "/bomb": Reason.UNSUPPORTED_TYPE,
    "/gzip-cut.png": AGAIN,
    "/gzip-lie.png": Reason.HTTP_ERROR,
    "/brotli.png": Reason.HTTP_ERROR,
    "/status/204": Reason.EMPTY_FILE,
    "/status/304": Reason.HTTP_ERROR,
    "/status/400": Reason.HTTP_ERROR,
    "/status/401": Reason.ACCESS_DENIED,
    "/status/403": Reason.ACCESS_DENIED,
    "/status/404": Reason.NOT_FOUND,
    "/status/410": Reason.NOT_FOUND,
    "/status/429": AGAIN,
    "/status/500": AGAIN,
    "/status/503": AGAIN,
    "/hang-up": AGAIN,
    "/reset": AGAIN,
    "/reset-in-body.png": AGAIN,
    "/not-http": AGAIN,
    "/redirect?to=/image.png": PNG,
    "/redirect/307?to=../image.png": PNG,
    "/chain/4": PNG,
    "/chain/5": Reason.TOO_MANY_REDIRECTS,
    "/loop": Reason.TOO_MANY_REDIRECTS,
    "/moved": PNG,
    "/status/403?oe=5E0BE100": Reason.EXPIRED_URL,
    "/status/403?oe=FFFFFFF0": Reason.ACCESS_DENIED,
    "/status/403?Expires=1577836800&Signature=x": Reason.EXPIRED_URL,
    "/status/400?X-Goog-Date=20200101T000000Z&X-Goog-Expires=3600": Reason.EXPIRED_URL,
    "/status/403?X-Amz-Date=20200101T000000Z&X-Amz-Expires=3600": Reason.EXPIRED_URL,
    "/status/403?se=2020-01-01T00:00:00Z&sig=x": Reason.EXPIRED_URL,
    "/status/404?x-expires=1577836800": Reason.EXPIRED_URL,
    "/image.png?oe=5E0BE100": PNG,
    "/nowhere": Reason.HTTP_ERROR,
    "/redirect?to=http://[::1": Reason.INVALID_URL,
    "/redirect?to=https://site.test:99999/": Reason.INVALID_URL,
    "/redirect?to=/needs-cookie": Reason.ACCESS_DENIED,
    "/page.html": Reason.NOT_MEDIA_PAGE,
    "/drawing.svg": Reason.UNSUPPORTED_TYPE,
    "/empty.png": Reason.EMPTY_FILE,
    "/document.pdf": Reason.UNSUPPORTED_TYPE,
    "/archive.zip": Reason.BROKEN_ARCHIVE,
    "/sound.mp3": Reason.UNSUPPORTED_TYPE,
    "/data.json": Reason.UNSUPPORTED_TYPE,
}
"""What becomes of each page of the site."""

PATIENCE_S = {
    "/drip.png": ("FETCH_TOTAL_TIMEOUT_S", "1"),
    "/drip-headers": ("FETCH_TOTAL_TIMEOUT_S", "1"),
    "/silent": ("FETCH_SILENCE_TIMEOUT_S", "0.5"),
}
"""The limit that ends each page that never would by itself."""


@pytest.mark.parametrize("path", OF_THE_SITE)
def test_each_page_of_a_hostile_site_ends_as_it_should(
    site: HostileServer, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = OF_THE_SITE[path]
    if path in PATIENCE_S:
        monkeypatch.setenv(*PATIENCE_S[path])
        settings.cache_clear()

    actual = fate(site.url(path))

    assert actual == expected


@pytest.mark.parametrize(
    ("host", "link"),
    [
        ("drive.google.com", "/file/d/1a2b3c4d5e6f/view?usp=sharing"),
        ("drive.google.com", "/open?id=1a2b3c4d5e6f"),
        ("drive.google.com", "/uc?export=view&id=1a2b3c4d5e6f"),
        ("www.dropbox.com", "/scl/fi/abc/ad.png?rlkey=k&dl=0"),
    ],
)
def test_a_shared_link_leads_to_its_file(site: HostileServer, host: str, link: str) -> None:
    assert fate(site.url(link, host)) == PNG


def test_a_file_that_is_not_shared_with_everybody_is_told(site: HostileServer) -> None:
    assert fate(site.url(f"/redirect?to={quote('https://accounts.google.com/ServiceLogin')}")) is Reason.ACCESS_DENIED


@pytest.mark.parametrize(
    "write",
    [str.upper, lambda url: f' "{url}" ', lambda url: f"\u200b{url}\ufeff", lambda url: url.replace("/", "\\")],
)
def test_an_address_is_taken_as_browsers_take_it(site: HostileServer, write: Callable[[str], str]) -> None:
    written = write(site.url("/image.png"))

    assert fate(written.replace("IMAGE.PNG", "image.png")) == PNG


REFUSED: dict[str, Reason] = {
    # internal by address
    "http://127.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://0.0.0.0/a.png": Reason.FORBIDDEN_URL,
    "http://10.1.2.3/a.png": Reason.FORBIDDEN_URL,
    "http://172.16.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://192.168.1.1/a.png": Reason.FORBIDDEN_URL,
    "http://100.64.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://169.254.169.254/computeMetadata/v1/": Reason.FORBIDDEN_URL,
    "http://224.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://255.255.255.255/a.png": Reason.FORBIDDEN_URL,
    "http://[::1]/a.png": Reason.FORBIDDEN_URL,
    "http://[::]/a.png": Reason.FORBIDDEN_URL,
    "http://[fe80::1]/a.png": Reason.FORBIDDEN_URL,
    "http://[fe80::1%25eth0]/a.png": Reason.FORBIDDEN_URL,
    "http://[fd00:ec2::254]/a.png": Reason.FORBIDDEN_URL,
    "http://[ff02::1]/a.png": Reason.FORBIDDEN_URL,
    "http://[::ffff:169.254.169.254]/a.png": Reason.FORBIDDEN_URL,
    "http://[::127.0.0.1]/a.png": Reason.FORBIDDEN_URL,
    "http://[64:ff9b::a9fe:a9fe]/a.png": Reason.FORBIDDEN_URL,
    "http://[64:ff9b:1::7f00:1]/a.png": Reason.FORBIDDEN_URL,
    "http://[2002:7f00:1::]/a.png": Reason.FORBIDDEN_URL,
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/a.png": Reason.FORBIDDEN_URL,
    # internal by an unusual spelling
    "http://2130706433/a.png": Reason.FORBIDDEN_URL,
    "http://0x7f000001/a.png": Reason.FORBIDDEN_URL,
    "http://0177.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://127.1/a.png": Reason.FORBIDDEN_URL,
    "http://127.0.0.1./a.png": Reason.FORBIDDEN_URL,
    "http://１２７.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://①②⑦。0。0。1/a.png": Reason.FORBIDDEN_URL,
    "http://%31%32%37.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://%6c%6fcalhost.test/a.png": Reason.INVALID_URL,
    # internal by name
    "http://localhost/a.png": Reason.FORBIDDEN_URL,
    "http://LOCALHOST./a.png": Reason.FORBIDDEN_URL,
    "http://metadata/computeMetadata/v1/": Reason.FORBIDDEN_URL,
    "http://metadata.google.internal/computeMetadata/v1/": Reason.FORBIDDEN_URL,
    "http://Metadata.Google.Internal./computeMetadata/v1/": Reason.FORBIDDEN_URL,
    "http://printer.local/a.png": Reason.FORBIDDEN_URL,
    # internal by DNS
    **{f"http://{name}:8080/a.png": Reason.FORBIDDEN_URL for name in NAMES},
    "https://loopback.test:8443/a.png": Reason.FORBIDDEN_URL,
    "http://nobody.test/a.png": Reason.HOST_NOT_FOUND,
    # with credentials, on other ports, by other schemes
    "http://user:secret@cdn.test/a.png": Reason.FORBIDDEN_URL,
    "http://cdn.test\\@127.0.0.1/a.png": Reason.FORBIDDEN_URL,
    "http://cdn.test:22/a.png": Reason.FORBIDDEN_URL,
    "file:///etc/passwd": Reason.FORBIDDEN_URL,
    "ftp://cdn.test/a.png": Reason.FORBIDDEN_URL,
    "gopher://127.0.0.1:25/_HELO": Reason.FORBIDDEN_URL,
    "javascript:alert(1)": Reason.FORBIDDEN_URL,
    # no URLs
    "cdn.test/a.png": Reason.INVALID_URL,
    "http://": Reason.INVALID_URL,
    "http://[::1/a.png": Reason.INVALID_URL,
    "http://cdn.test:99999/a.png": Reason.INVALID_URL,
    "http://cdn..test/a.png": Reason.INVALID_URL,
    "http://cdn.test/a\r\nHost: internal\r\n.png": Reason.INVALID_URL,
    "http://cdn.test/" + "a" * 9000: Reason.INVALID_URL,
    # pages of video platforms
    "https://www.youtube.com/watch?v=abc": Reason.VIDEO_PLATFORM_PAGE,
    "https://youtu.be/abc": Reason.VIDEO_PLATFORM_PAGE,
    "https://vimeo.com/12345": Reason.VIDEO_PLATFORM_PAGE,
    "https://www.tiktok.com/@brand/video/1": Reason.VIDEO_PLATFORM_PAGE,
    "https://www.facebook.com/reel/1": Reason.VIDEO_PLATFORM_PAGE,
    "https://www.instagram.com/p/abc/": Reason.VIDEO_PLATFORM_PAGE,
    # data: and gs:
    "data:image/png;base64,####": Reason.INVALID_URL,
    "data:image/png": Reason.INVALID_URL,
    "data:,": Reason.EMPTY_FILE,
    "data:text/html,<html>Hello</html>": Reason.NOT_MEDIA_PAGE,
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>": Reason.UNSUPPORTED_TYPE,
    "gs://no-such-bucket/a.png": Reason.NOT_FOUND,
    "gs://bucket": Reason.INVALID_URL,
    "gs:///a.png": Reason.INVALID_URL,
}
"""URLs that are refused, most of them without a connection."""


@pytest.mark.parametrize("url", REFUSED)
def test_a_refused_url_contacts_nothing(url: str, canary: Canary, connected: list[Found]) -> None:
    actual = fate(url)

    assert actual == REFUSED[url]
    assert [address for address in connected if not is_cloud_storage(address)] == []
    assert canary.visits == 0


@pytest.mark.parametrize("url", ["https://youtu.be/abcdefghijk?si=1", "www.youtube.com/shorts/abcdefghijk"])
def test_a_youtube_video_goes_to_extract_by_its_address_where_that_is_allowed(
    url: str, canary: Canary, connected: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOUTUBE_SECONDS", "45")
    settings.cache_clear()

    sighting, match, extraction = main.step(ad(url))

    address = "https://www.youtube.com/watch?v=abcdefghijk"
    assert isinstance(sighting, Sighting)
    assert isinstance(match, Match)
    assert isinstance(extraction, Extraction)
    assert {each.creative_id for each in (sighting, match, extraction)} == {youtube.creative_id(address)}
    assert (sighting.source, sighting.uri, match.method) == (url, address, "uri")
    assert (extraction.uri, extraction.duration_s, extraction.bytes) == (address, 45, None)
    assert extraction.batch_id == sighting.batch_id
    assert [found for found in connected if not is_cloud_storage(found)] == []
    assert canary.visits == 0


def test_what_is_no_video_of_youtube_is_refused_there_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_SECONDS", "45")
    settings.cache_clear()

    assert fate("https://www.youtube.com/@brand") == Reason.VIDEO_PLATFORM_PAGE
    assert fate("https://vimeo.com/12345") == Reason.VIDEO_PLATFORM_PAGE


@pytest.mark.parametrize("where", ["ada:secret@www.youtube.com", "ada@youtube.com", "www.youtube.com:22"])
def test_an_address_on_youtube_is_held_to_the_rules_of_all(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_SECONDS", "45")
    settings.cache_clear()

    assert fate(f"https://{where}/watch?v=abcdefghijk") == Reason.FORBIDDEN_URL


@pytest.mark.parametrize(
    "target",
    [
        "http://{canary}/secret.png",
        "//{canary}/secret.png",
        "http://localhost:8080/",
        "http://169.254.169.254/computeMetadata/v1/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://loopback.test:8080/secret.png",
        "http://2130706433/",
        "http://[::ffff:127.9.8.7]/",
        "gs://results/answers/1.json",
        "data:image/png;base64,iVBORw0KGgo=",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_leads_nowhere_that_the_url_itself_could_not(
    site: HostileServer, canary: Canary, target: str
) -> None:
    url = site.url(f"/redirect?to={quote(target.format(canary=f'{canary.address}:{canary.port}'))}")

    actual = fate(url)

    assert actual == Reason.FORBIDDEN_URL
    assert canary.visits == 0


def test_the_allow_list_lets_through_one_port_of_a_host_and_no_other(canary: Canary, site: HostileServer) -> None:
    assert fate(canary.url()) == Reason.FORBIDDEN_URL
    assert fate(f"http://127.0.0.1:{site.port + 1}/image.png") == Reason.FORBIDDEN_URL
    assert canary.visits == 0


def test_a_name_that_answers_otherwise_the_second_time_is_not_asked_twice(
    canary: Canary, connected: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["3ffe::1", canary.address, canary.address])  # public space that nobody has, then loopback
    known = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: int, **kwargs: int) -> list[Found]:
        return known(next(answers) if host == "rebind.test" else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    actual = fate(f"http://rebind.test:{canary.port}/secret.png")

    assert actual == AGAIN
    assert {address[0] for address in connected if not is_cloud_storage(address)} <= {"3ffe::1"}
    assert next(answers) == canary.address  # asked once
    assert canary.visits == 0


def test_no_credentials_cookies_or_proxies_are_used(site: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # Cloud Storage's client obeys these variables
    monkeypatch.setenv("HTTP_PROXY", "http://127.9.8.7:8080")
    monkeypatch.setenv("ALL_PROXY", "http://127.9.8.7:8080")

    fetched(site.url("/redirect?to=/images/77.png", host="media.test"))

    sent = site.requests["/images/77.png"][0]
    assert sorted(name.lower() for name in sent) == ["accept", "accept-encoding", "connection", "host", "user-agent"]


def test_a_name_server_that_does_not_answer_is_asked_again() -> None:
    assert fate("http://down.test/a.png") == AGAIN


# What is stored


def test_an_object_is_stored_under_its_content_with_the_type_of_its_bytes(
    site: HostileServer, buckets: Buckets
) -> None:
    event = fetched(site.url("/jpeg.png"))

    stored = buckets.creatives.get_blob(f"fetched/{JPEG}")
    assert event.uri == f"gs://{buckets.creatives.name}/fetched/{JPEG}"
    assert stored.content_type == "image/jpeg"
    assert stored.metadata == {"event_id": "event-of-ad-1", "batch_id": "batch-1"}
    assert stored.download_as_bytes() == picture(1, "JPEG")


def test_the_same_content_from_elsewhere_is_not_stored_again(site: HostileServer, buckets: Buckets) -> None:
    fetched(site.url("/image.png"))
    before = buckets.creatives.get_blob(f"fetched/{PNG}").generation

    fetched(site.url("/png-as-page"))

    assert buckets.creatives.get_blob(f"fetched/{PNG}").generation == before


def test_a_large_video_is_never_whole_in_memory(site: HostileServer, buckets: Buckets) -> None:
    with memory() as peak:
        event = fetched(site.url("/videos/10mb.mp4"))

    stored = buckets.creatives.get_blob(f"fetched/{event.creative_id}")
    assert stored.size > 10_000_000
    assert stored.content_type == "video/mp4"
    assert identity.from_checksums(stored.md5_hash, stored.crc32c) == event.creative_id
    assert list(buckets.staging.list_blobs()) == []
    assert peak[0] < 8 * settings().fetch_spool_bytes


def test_a_video_over_the_limit_leaves_nothing_behind(site: HostileServer, buckets: Buckets) -> None:
    actual = fate(site.url("/videos/20mb.mp4"))

    assert actual == Reason.TOO_LARGE
    assert list(buckets.creatives.list_blobs()) == []
    assert list(buckets.staging.list_blobs()) == []


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{base64.b64encode(picture()).decode()}",
        f"data:;base64,{base64.urlsafe_b64encode(picture()).decode().rstrip('=')}",
        f"DATA:text/html;charset=utf-8;base64,{quote(base64.b64encode(picture()).decode())}",
        f"data:image/png,{quote(picture())}",
    ],
)
def test_a_data_url_is_its_own_content(url: str, buckets: Buckets) -> None:
    assert fetched(url).creative_id == PNG
    assert buckets.creatives.get_blob(f"fetched/{PNG}").content_type == "image/png"


def test_an_object_of_another_bucket_is_copied(bucket: storage.Bucket, buckets: Buckets) -> None:
    bucket.blob("my ads/ü#1.png").upload_from_string(picture(), "text/plain")

    event = fetched(f"gs://{bucket.name}/my ads/ü#1.png")

    assert event.uri == f"gs://{buckets.creatives.name}/fetched/{PNG}"
    assert event.source == f"gs://{bucket.name}/my ads/ü#1.png"
    assert buckets.creatives.get_blob(f"fetched/{PNG}").content_type == "image/png"


def test_an_object_of_the_creatives_bucket_stays_where_it_is(buckets: Buckets) -> None:
    buckets.upload("uploads/a.png", picture())

    event = fetched(f"gs://{buckets.creatives.name}/uploads/a.png")

    assert (event.creative_id, event.uri) == (PNG, f"gs://{buckets.creatives.name}/uploads/a.png")


def test_the_pipelines_own_buckets_are_no_source_of_ads(buckets: Buckets) -> None:
    for own in (buckets.results, buckets.staging):
        own.blob("a.png").upload_from_string(picture())

        assert fate(f"gs://{own.name}/a.png") == Reason.FORBIDDEN_URL
        assert fate(f"GS://{own.name.upper()}/a.png") == Reason.FORBIDDEN_URL


@pytest.mark.parametrize(("content", "reason"), [(b"", Reason.EMPTY_FILE), (b"text", Reason.UNSUPPORTED_TYPE)])
def test_an_object_that_is_no_media_is_refused(bucket: storage.Bucket, content: bytes, reason: Reason) -> None:
    bucket.blob("a.png").upload_from_string(content, "image/png")

    assert fate(f"gs://{bucket.name}/a.png") == reason


def test_an_object_over_the_limit_is_not_copied(bucket: storage.Bucket, buckets: Buckets) -> None:
    bucket.blob("a.png").upload_from_string(picture() + bytes(1_000_000), "image/png")

    assert fate(f"gs://{bucket.name}/a.png") == Reason.TOO_LARGE
    assert list(buckets.creatives.list_blobs()) == []


# How often a site is asked


def test_many_ads_share_one_download(site: HostileServer) -> None:
    url = site.url("/images/500.png")

    with ThreadPoolExecutor(16) as threads:
        events = list(threads.map(lambda n: fetched(url, f"ad-{n}"), range(64)))

    assert {event.ad_id for event in events} == {f"ad-{n}" for n in range(64)}
    assert len({event.creative_id for event in events}) == 1
    assert site.hits["/images/500.png"] == 1


def test_spellings_of_a_url_share_one_download(site: HostileServer) -> None:
    for url in (site.url("/images/501.png"), site.url("/images/501.png#top"), " " + site.url("/images/501.png")):
        fetched(url.replace("http:", "HTTP:"))

    assert site.hits["/images/501.png"] == 1


def test_a_refusal_is_shared_too(site: HostileServer) -> None:
    for ad_id in ("ad-1", "ad-2", "ad-3"):
        with pytest.raises(Rejected) as refused:
            fetched(site.url("/status/404?shared"), ad_id)

        assert refused.value.reason is Reason.NOT_FOUND
    assert site.hits["/status/404?shared"] == 1


def test_a_url_that_is_not_due_yet_is_not_asked_for(site: HostileServer) -> None:
    outcomes = [fate(site.url("/status/500?due")) for _ in range(5)]

    assert outcomes == [AGAIN] * 5
    assert site.hits["/status/500?due"] == 1


def test_after_its_attempts_a_url_has_a_reason_however_many_ads_use_it(
    site: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETCH_BACKOFF_S", "0")
    monkeypatch.setenv("FETCH_ATTEMPTS", "3")
    settings.cache_clear()

    outcomes = [fate(site.url("/status/502?give-up")) for _ in range(6)]

    assert outcomes == [AGAIN, AGAIN, *[Reason.SITE_UNAVAILABLE] * 4]
    assert site.hits["/status/502?give-up"] == 3


def test_a_site_that_recovers_is_none_the_worse(site: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_BACKOFF_S", "0")
    settings.cache_clear()

    outcomes = [fate(site.url("/flaky/2")) for _ in range(4)]

    assert outcomes == [AGAIN, AGAIN, *[identity.creative_id(picture(2))] * 2]
    assert site.hits["/flaky/2"] == 3


def test_what_was_refused_is_remembered_until_it_is_asked_for_again_on_purpose(site: HostileServer) -> None:
    url = site.url("/missing/1")
    first, remembered = fate(url), fate(url)
    asked = ad(url)

    again = [main.step(main.asked_again(asked, datetime.now(UTC).isoformat())) for _ in range(2)]
    found = {event.creative_id for [event] in map(list, again) if isinstance(event, Sighting)}

    assert (first, remembered) == (Reason.NOT_FOUND, Reason.NOT_FOUND)
    assert found == {identity.creative_id(picture(1))}
    assert site.hits["/missing/1"] == 3


def test_ads_that_are_asked_for_again_share_a_download(site: HostileServer) -> None:
    url = site.url("/status/404?asked-again")
    assert fate(url) is Reason.NOT_FOUND
    replayed_at = datetime.now(UTC).isoformat()

    for number in range(3):
        with pytest.raises(Rejected):
            main.step(main.asked_again(ad(url, f"ad-{number}"), replayed_at))

    assert site.hits["/status/404?asked-again"] == 2


def test_an_answer_that_is_out_of_date_is_asked_for_again(site: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCH_URL_TTL_S", "0.000001")
    settings.cache_clear()

    for _ in range(3):
        fetched(site.url("/images/502.png"))

    assert site.hits["/images/502.png"] == 3


def test_a_short_retry_after_is_waited_for(site: HostileServer) -> None:
    actual = fate(site.url("/flaky/1?Retry-After=1"))

    assert actual == identity.creative_id(picture(1))
    assert site.hits["/flaky/1?Retry-After=1"] == 2


def test_a_host_that_asks_for_patience_is_left_alone_altogether(site: HostileServer) -> None:
    first = fate(site.url("/status/429?Retry-After=900"))

    with pytest.raises(HostBusyError):
        fetched(site.url("/images/503.png"))

    assert first == AGAIN
    assert site.hits["/images/503.png"] == 0


def test_a_host_never_sees_more_than_its_share_of_connections(site: HostileServer) -> None:
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda n: fetched(site.url(f"/slow/{n}.png")), range(12)))

    assert 1 < site.most_at_once <= settings().fetch_host_connections


SECRET = "hunter2secret"
WITH_SECRETS = [
    "https://user:{}@cdn.example/a.png",
    "ftp://user:{}@cdn.example/a.png",
    "user:{}@cdn.example/a.png",
    "cdn.example/a.png?X-Goog-Signature={}",
    "http://unknown.test:8080/a.png?sig={}",
    "http://down.test:8080/a.png?sig={}",
    "gs://no-such-bucket/a.png?X-Goog-Signature={}",
    "data:image/png;base64,{}!",
    "SITE/status/404?X-Goog-Signature={}",
    "SITE/status/503?X-Amz-Signature={}",
    "SITE/page-as-png?token={}",
    "SITE/image.png?sig={}",
    "SITE/reset?key={}",
    "SITE/redirect?to=https%3A%2F%2Fuser%3A{}%40private.test%2F",
    "SITE/redirect?to=%2Fstatus%2F403%3FX-Goog-Signature%3D{}",
]


@pytest.mark.parametrize("url", WITH_SECRETS)
def test_secrets_of_a_url_are_nowhere_but_in_the_ads_own_columns(
    url: str, site: HostileServer, buckets: Buckets, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = url.replace("SITE", site.url("")).format(SECRET)
    events: list[Event] = []
    monkeypatch.setattr(clients, "publish", lambda _, more: events.extend(more))
    data = base64.b64encode(
        ad(source, "named").model_copy(update={"ad_id": source}).model_dump_json().encode()
    ).decode()
    message = {"data": data, "attributes": {"event": "Ad"}, "messageId": "m1"}

    with contextlib.suppress(SiteUnavailableError):
        main.fetch(CloudEvent({"type": "t", "source": "s", "id": "1"}, {"message": message}))

    shown = [event.model_dump_json(exclude={"ad_id", "source"}) for event in events]
    kept = [blob.download_as_text() for blob in buckets.results.list_blobs()]
    written = "".join(capfd.readouterr())
    assert '"stage": "fetch"' in written
    assert SECRET not in "".join([*shown, *kept, written])
