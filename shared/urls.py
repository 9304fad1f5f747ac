"""URLs of creatives: which ones we accept, in one canonical form, and how one may be shown.

What is decided here needs no network: scheme, spelling of the host, port, names that are internal by definition. That
a name leads to a public address is checked where the connection is made (functions/fetch/connecting.py).
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from typing import TypeGuard
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit

import idna

from shared.addresses import is_public
from shared.reasons import Reason, Rejected

type HostPort = tuple[str, int]

SCHEMES = ("http", "https", "gs", "data")
MAX_URL_CHARS = 8192
"""Longer web addresses are refused: above what any browser or server in use accepts. Does not hold for data: URLs."""

PORTS = {"http": (80, 8080), "https": (443, 8443)}
"""Ports that are opened: the schemes' own and their customary alternatives."""

_INTERNAL_SUFFIXES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")

# What stands for an address in a table: a scheme, or none before `//` and `www.`.
_MEANT = re.compile(r"https?:[/\\\w]|gs://|data:[\w/+.-]*[,;]|//[^\s/]+\.|www\.[^\s.]+\.", re.I)
# An address of any kind, opened or not: with a scheme (a drive of Windows reads as one), or a host before its path.
_WRITTEN = re.compile(
    r"[a-z][a-z0-9+.-]*:[/\\]|data:(?:[\w.+-]+/|[,;])|(?:blob|mailto|tel|sms|javascript|about|urn|cid|magnet):\S"
    r"|https?:\S|https?//|//\S|www\.\S|(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_]{2,}(?::\d+)?[/\\?]\S"
    r"|(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\])(?::\d+)?[/\\]\S|[^\s@]+@(?:[\w-]+\.)+\w{2,}",
    re.I,
)
_MARKS = chain(range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x206A), (0xFEFF, 0xAD))
UNSEEN = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "".join(map(chr, _MARKS))
"""The characters that nobody sees around a text: spaces, and marks of direction and of joining."""
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad]")

# What browsers leave as it is; everything else is percent-encoded, and what already is stays.
_PATH_SAFE = "!$%&'()*+,/:;=@[]|~"
_QUERY_SAFE = _PATH_SAFE + "?^`{}\\"


@dataclass(frozen=True)
class WebUrl:
    """An accepted http(s) URL in canonical ASCII form, without user information or fragment.

    Attributes:
        scheme: http or https.
        host: a lower-case name without a trailing dot, or an address in its shortest form (IPv6 without brackets).
        port: always a number.
        target: path and query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Host and, unless it is the scheme's own, port: what stands in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme][0] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """What stands before the query; it may begin with two slashes, which are no host here."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands after the question mark."""
        return self.target.partition("?")[2]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def looks_like_url(text: str) -> bool:
    """Whether somebody meant this as the address of a file: with a scheme that we open, or as browsers take it."""
    return bool(_MEANT.match(text))


def is_written_as_address(text: str) -> bool:
    """Whether it is an address of any kind, be it one that we do not open: no column has such a name."""
    return bool(_WRITTEN.match(text))


def repaired(url: str) -> str:
    """`url` as a browser's address line would take it.

    Without what copying leaves in it (quotes, invisible characters, `&amp;`), with the scheme that is lacking.
    """
    text = url.lstrip(UNSEEN + "\"'<“”„").rstrip(UNSEEN + "\"'>“”")
    if text[:5].lower() == "data:" or text[:5].lower() == "gs://":
        return text
    text = _INVISIBLE.sub("", text).replace("&amp;", "&")
    if web := re.match(r"(https?):[/\\]*", text, re.I):
        rest = text[web.end() :]
        path = re.split("[?#]", rest, maxsplit=1)[0]
        slashed = path if "@" in path else path.replace("\\", "/")  # before an @ they may hide where it leads
        return f"{web[1].lower()}://{slashed}{rest[len(path) :]}"
    if text.startswith("//"):
        return f"https:{text}"
    return f"https://{text}" if looks_like_url(text) else text


def scheme_of(url: str) -> str:
    """The scheme of `url` in lower case.

    Raises:
        Rejected: when we open no such URLs.
    """
    scheme, colon, _ = url.strip().partition(":")
    if not colon or not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*", scheme):
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} has no scheme such as https://")
    if scheme.lower() not in SCHEMES:
        raise Rejected(Reason.FORBIDDEN_URL, f"URLs of the scheme {scheme[:20].lower()}: are not opened")
    return scheme.lower()


def web_url(url: str, allow: Collection[HostPort] = ()) -> WebUrl:
    """The canonical form of an http(s) URL.

    Args:
        url: as somebody wrote it: spaces, other scripts, capitals and a fragment are fine.
        allow: hosts with ports that are accepted although they may be internal.

    Raises:
        Rejected: INVALID_URL when it is none; FORBIDDEN_URL when it carries credentials or is not public by its looks.
    """
    parts, port = _split(url)
    if parts.username is not None or parts.password is not None:
        raise Rejected(Reason.FORBIDDEN_URL, f"{redacted(url)} carries a user name or password")
    host = _canonical_host(parts.hostname or "", url)
    port = port or PORTS[parts.scheme][0]
    if (host, port) not in allow:
        _require_public(host, port, parts.scheme)
    target = quote(parts.path or "/", safe=_PATH_SAFE) + (f"?{quote(parts.query, _QUERY_SAFE)}" if parts.query else "")
    return WebUrl(parts.scheme, host, port, target)


def redirected(url: WebUrl, location: str, allow: Collection[HostPort] = ()) -> WebUrl:
    """Where `url` redirects to, held to the same rules.

    Raises:
        Rejected: as `web_url`; FORBIDDEN_URL for a redirect that leaves http(s).
    """
    try:
        target = urljoin(str(url), location.strip())
    except ValueError as error:
        said = f"{redacted(str(url))} redirects to {redacted(location)}, which cannot be read as a URL"
        raise Rejected(Reason.INVALID_URL, said) from error
    if scheme_of(target) not in PORTS:
        raise Rejected(Reason.FORBIDDEN_URL, f"{redacted(str(url))} redirects to a {scheme_of(target)}: URL")
    return web_url(target, allow)


def check(url: str, allow: Collection[HostPort] = ()) -> None:
    """Refuses what `fetch` would refuse without opening a connection: for senders.

    Raises:
        Rejected: with the reason that `fetch` would give.
    """
    meant = repaired(url)
    if scheme_of(meant) in PORTS:
        web_url(meant, allow)


def host_port(text: str) -> HostPort:
    """An entry of an allow-list, `host:port`.

    Raises:
        ValueError: when it is none.
    """
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not of the form host:port")
    return host.strip("[]").lower(), int(port)


def is_url(value: object) -> TypeGuard[str]:
    """Whether it is text that looks like a URL of any scheme, and so may hold a secret."""
    return isinstance(value, str) and ("://" in value or value.strip()[:5].lower() == "data:")


def redacted(url: str) -> str:
    """`url` as logs and failure texts may show it: bounded, without credentials, signatures or fragment."""
    text = _UNPRINTABLE.sub("", url.strip())
    if text[:5].lower() == "data:":
        return f"data:{text[5:].partition(',')[0][:60]},… ({len(text):,} characters)"
    try:
        parts = urlsplit(text)
        fields = parse_qsl(parts.query[:2048], keep_blank_values=True)
    except ValueError:
        return f"{text.partition(':')[0][:10]}:… (unreadable)"
    query = "&".join(f"{_shown_name(name, value)}={_shown(name, value)}" for name, value in fields)
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    start = f"{scheme}//{_cut(parts.netloc.rpartition('@')[2], 100)}" if parts.netloc else scheme
    # Without a host in its place, what looks like a path may be one, with a user and a password before it.
    whole = parts.path if parts.netloc else parts.path.rpartition("@")[2]
    path = "/".join(_cut(segment, 60) for segment in whole.split("/"))
    return _cut(f"{start}{path}{'?' if query else ''}{query}", 300)


def _split(url: str) -> tuple[SplitResult, int | None]:
    text = url.strip()
    if len(text) > MAX_URL_CHARS:
        raise Rejected(Reason.INVALID_URL, f"the URL has {len(text):,} characters, the limit is {MAX_URL_CHARS:,}")
    try:
        text.encode()
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} cannot be read as a URL") from error
    if _UNPRINTABLE.search(text) or parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} is not a complete web address")
    return parts, port


def _canonical_host(host: str, url: str) -> str:
    """The host as DNS or the address family writes it; unusual spellings of addresses are refused, not translated."""
    if ":" in host:
        return _canonical_ipv6(host, url)
    name = host.lower() if host.isascii() else _ascii_name(host, url)
    name = name.removesuffix(".")
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):
        return _canonical_ipv4(name)
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} has no valid host name")
    return name


def _canonical_ipv6(host: str, url: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError as error:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} has no valid IPv6 address") from error
    if address.scope_id is not None:
        raise Rejected(Reason.FORBIDDEN_URL, f"{redacted(url)} names a network interface of the machine that opens it")
    return str(address)


def _canonical_ipv4(name: str) -> str:
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError as error:
        text = f"{name[:60]} is an unusual spelling of a network address"
        raise Rejected(Reason.FORBIDDEN_URL, text) from error


def _ascii_name(host: str, url: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} has no valid host name") from error


def _require_public(host: str, port: int, scheme: str) -> None:
    if port not in PORTS[scheme]:
        raise Rejected(Reason.FORBIDDEN_URL, f"port {port} of {_cut(host, 100)} is not opened for {scheme}")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if "." not in host or any(host.endswith(f".{suffix}") for suffix in _INTERNAL_SUFFIXES):
            raise Rejected(Reason.FORBIDDEN_URL, f"{_cut(host, 100)} is a name of an internal network") from None
        return
    if not is_public(address):
        raise Rejected(Reason.FORBIDDEN_URL, f"{host} is not a public address")


_SECRET_NAME = re.compile(
    r"sig|token|key|auth|cred|secret|pass|pwd|session|jwt|hash|hmac|policy|code|x-amz|x-goog|^(oh|oe|e|s|st|se)$", re.I
)
_PLAIN_VALUE = re.compile(r"[\w.,:/ -]{0,24}")


def _shown_name(name: str, value: str) -> str:
    """A parameter's name; one that has no value may be a value that has no name."""
    return _cut(name, 40) if value or _PLAIN_VALUE.fullmatch(name) else "…"


def _shown(name: str, value: str) -> str:
    """A query value that cannot be a secret: short, plain, and not under a name that says otherwise."""
    return "…" if _SECRET_NAME.search(name) or not _PLAIN_VALUE.fullmatch(value) else value


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
