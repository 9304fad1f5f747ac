"""One URL over HTTP: a request without credentials, redirects held to the rules at each step, the body as a stream.

A connection serves one request and is closed: nothing that one site sent can meet another's request.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore

from functions.fetch import proxies
from functions.fetch.connecting import Deadline, Patience, connect
from functions.fetch.decoding import decoded
from functions.fetch.hosts import Hosts
from functions.fetch.platforms import platform_of
from functions.fetch.settings import FetchSettings
from functions.fetch.sharing import asks_to_sign_in, expired_at, file_behind
from shared import youtube
from shared.reasons import Reason, Rejected
from shared.urls import WebUrl, redacted, redirected

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_TRANSIENT = frozenset((408, 425, 429))
_GONE = frozenset((404, 410))
_DENIED = frozenset((401, 402, 403, 407, 451))
_MAX_RETRY_AFTER_S = 3600.0

_HEADERS = (
    (b"User-Agent", b"Mozilla/5.0 (compatible; creatives-fetch/1.0)"),
    (b"Accept", b"image/*,video/*;q=0.9,*/*;q=0.1"),
    (b"Accept-Encoding", b"identity"),
    (b"Connection", b"close"),
)


class SiteUnavailableError(Exception):
    """The site did not answer properly this time: transient.

    Attributes:
        retry_after_s: when it said itself that it may be asked again, at most an hour; None where it did not.
    """

    def __init__(self, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Download:
    """A file on its way in.

    Attributes:
        url: where it comes from, after redirects.
        claimed_bytes: the size it claims to have, if any.
        chunks: its content. Raises `SiteUnavailableError` when it breaks off.
    """

    url: WebUrl
    claimed_bytes: int | None
    chunks: Iterator[bytes]


@contextmanager
def download(url: WebUrl, settings: FetchSettings, hosts: Hosts) -> Iterator[Download]:
    """Opens `url`; the body is read while the context is open.

    Raises:
        Rejected: when it leads nowhere that we go, or to nothing.
        SiteUnavailableError: when it should be tried again.
        HostBusyError: when the host may not be contacted now.
    """
    deadline = Deadline(settings.fetch_total_timeout_s)
    patience = Patience(settings.fetch_connect_timeout_s, settings.fetch_silence_timeout_s, deadline)
    for _ in range(settings.fetch_max_redirects + 1):
        url = file_behind(url)
        _require_file(url)
        with ExitStack() as stack:
            stack.enter_context(hosts.turn(url.host))
            response, headers = stack.enter_context(_requested(url, settings, patience))
            if response.status not in _REDIRECTS:
                _require_success(response.status, headers, url, hosts)
                yield Download(url, _claimed_bytes(headers), _body(response, headers, url))
                return
        url = redirected(url, _location(headers, url), settings.fetch_allow_hosts)
    raise Rejected(
        Reason.TOO_MANY_REDIRECTS, f"more than {settings.fetch_max_redirects} redirects, the last to {_at(url)}"
    )


@contextmanager
def _requested(
    url: WebUrl, settings: FetchSettings, patience: Patience
) -> Iterator[tuple[httpcore.Response, Mapping[str, str]]]:
    """The answer to a GET of `url`, its headers by lower-case name."""
    proxy = settings.proxy_for(url)
    told_proxy = proxy if url.scheme == "http" else None
    with _unavailable(url):
        allow = settings.fetch_allow_hosts
        stream = proxies.connect(proxy, url, patience) if proxy else connect(url, allow, patience)
    origin = httpcore.Origin(url.scheme.encode(), url.host.encode(), url.port)
    connection = httpcore.HTTP11Connection(origin, stream)
    target = proxies.target(url) if told_proxy else url.target
    request = httpcore.Request(
        "GET",
        httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target.encode()),
        headers=[(b"Host", url.netloc.encode()), *_HEADERS, *(told_proxy.headers if told_proxy else ())],
    )
    try:
        with _unavailable(url):
            response = connection.handle_request(request)
            if told_proxy:
                proxies.require_passed(response.status)
        yield response, {name.decode("latin-1").lower(): _text(value) for name, value in response.headers}
    finally:
        connection.close()


def _text(value: bytes) -> str:
    """A header's value: many sites write theirs, above all `Location`, in UTF-8, which HTTP does not know."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _body(response: httpcore.Response, headers: Mapping[str, str], url: WebUrl) -> Iterator[bytes]:
    with _unavailable(url):
        yield from decoded(response.iter_stream(), headers.get("content-encoding", ""), _at(url))


@contextmanager
def _unavailable(url: WebUrl) -> Iterator[None]:
    """Faults of the network, and answers that are not HTTP or break off, as `SiteUnavailableError`."""
    try:
        yield
    except (OSError, EOFError, httpcore.ProtocolError) as error:
        said = str(error) or type(error).__name__
        raise SiteUnavailableError(f"{_at(url)}: {said}") from error


def _require_file(url: WebUrl) -> None:
    platform = platform_of(url)
    if platform:
        hint = " (Gemini can be shown it there: YOUTUBE_SECONDS says how much)" if youtube.address_of(str(url)) else ""
        raise Rejected(Reason.VIDEO_PLATFORM_PAGE, f"{_at(url)} is a page of {platform}{hint}")
    if asks_to_sign_in(url):
        raise Rejected(Reason.ACCESS_DENIED, f"the site sends strangers to {_at(url)}: the file is not public")


def _require_success(status: int, headers: Mapping[str, str], url: WebUrl, hosts: Hosts) -> None:
    said = f"{_at(url)} answered {status}"
    if status >= 500 or status in _TRANSIENT:
        retry_after_s = _retry_after(headers)
        if retry_after_s:
            hosts.leave_alone(url.host, retry_after_s)
        raise SiteUnavailableError(said, retry_after_s)
    ended_at = expired_at(url) if status in _DENIED | _GONE | {400} else None
    if ended_at and ended_at < datetime.now(UTC):
        raise Rejected(Reason.EXPIRED_URL, f"{said}; it was valid until {ended_at:%d %B %Y, %H:%M} UTC")
    if status in _GONE:
        raise Rejected(Reason.NOT_FOUND, said)
    if status in _DENIED:
        raise Rejected(Reason.ACCESS_DENIED, said)
    if status in (204, 205):
        raise Rejected(Reason.EMPTY_FILE, said)
    if status not in (200, 203):
        raise Rejected(Reason.HTTP_ERROR, said)


def _location(headers: Mapping[str, str], url: WebUrl) -> str:
    location = headers.get("location", "")
    if not location.strip():
        raise Rejected(Reason.HTTP_ERROR, f"{_at(url)} redirects without saying where")
    return location


def _claimed_bytes(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in headers else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or a date."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value) if value.isdecimal() else _until(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_S)


def _until(moment: datetime) -> float:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time()


def _at(url: WebUrl) -> str:
    return redacted(str(url))
