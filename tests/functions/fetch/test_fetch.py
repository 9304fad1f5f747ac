"""`fetch` against a hostile site: what becomes of each URL, and that nothing internal is ever contacted."""

import base64
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from functions.fetch import main
from functions.fetch.downloading import SiteUnavailableError
from functions.fetch.settings import settings
from shared import identity
from shared.events import Ad, Event, Origin, Sighting
from shared.reasons import Reason, Rejected
from tests.gcs import Buckets
from tests.hostile_server import Canary, HostileServer, clip, picture

AGAIN = "tried again"
NAMES: dict[str, list[str]] = {
    "private.test": ["10.0.0.5"],
    "metadata.test": ["169.254.169.254"],
    "mixed.test": ["2606:4700:4700::1111", "127.9.8.7"],
    "mapped.test": ["::ffff:127.9.8.7"],
    "nat64.test": ["64:ff9b::7f09:0807"],
    "ula.test": ["fd00::1"],
    "loopback.test": ["127.9.8.7"],
}
"""What the test's name server knows."""


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
    """Small limits, so that what is too large or too slow is so soon."""
    limits = {
        "FETCH_ALLOW_HOSTS": site.host_port,
        "MAX_IMAGE_BYTES": 1_000_000,
        "MAX_VIDEO_BYTES": 12_000_000,
        "FETCH_SPOOL_BYTES": 2**20,
        "FETCH_CONNECT_TIMEOUT_S": 1,
        "FETCH_SILENCE_TIMEOUT_S": 0.4,
        "FETCH_TOTAL_TIMEOUT_S": 1.5,
        "FETCH_RETRY_AFTER_S": 1,
    }
    for name, value in limits.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(socket, "getaddrinfo", resolver(socket.getaddrinfo))
    settings.cache_clear()
    main.hosts.cache_clear()
    yield
    settings.cache_clear()
    main.hosts.cache_clear()


def resolver(real: Callable[..., Any]) -> Callable[..., Any]:
    """A name server that knows `NAMES` and no other name under .test."""

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host == "down.test":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if not host.endswith(".test"):
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
    "/claims-terabytes.zip": Reason.UNSUPPORTED_TYPE,
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
    "/nowhere": Reason.HTTP_ERROR,
    "/redirect?to=/needs-cookie": Reason.ACCESS_DENIED,
    "/page.html": Reason.NOT_MEDIA_PAGE,
    "/drawing.svg": Reason.UNSUPPORTED_TYPE,
    "/empty.png": Reason.EMPTY_FILE,
    "/document.pdf": Reason.UNSUPPORTED_TYPE,
    "/archive.zip": Reason.UNSUPPORTED_TYPE,
    "/sound.mp3": Reason.UNSUPPORTED_TYPE,
    "/data.json": Reason.UNSUPPORTED_TYPE,
}
"""What becomes of each page of the site."""


@pytest.mark.parametrize("path", OF_THE_SITE)
def test_each_page_of_a_hostile_site_ends_as_it_should(site: HostileServer, path: str) -> None:
    expected = OF_THE_SITE[path]

    actual = fate(site.url(path))

    assert actual == expected
