"""Links that people share instead of files: where the file behind one is, and when a link has had its time.

Google Drive, Dropbox and SharePoint answer a shared link with a page; the same file has an address of its own, which
needs no account where the file is public. Content networks sign addresses for some days.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from shared.urls import WebUrl

_DRIVE = frozenset(("drive.google.com", "docs.google.com", "drive.usercontent.google.com"))
_DRIVE_FILES = "drive.usercontent.google.com"
_DRIVE_FILE = re.compile(r"/(?:a/[\w.-]+/)?(?:u/\d+/)?(?:file/(?:u/\d+/)?d/|uc|open|thumbnail)(?P<id>[\w-]{10,})?")
_SIGN_IN = frozenset(("accounts.google.com", "login.microsoftonline.com", "login.live.com"))

_AMAZON_TIME = "%Y%m%dT%H%M%SZ"
_LATEST = datetime(9990, 1, 1, tzinfo=UTC)  # beyond the year 9999 there are no times to add to
_AZURE_TIMES = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d")
_AKAMAI = re.compile(r"(?:^|[~&?=/])exp=(\d{9,11})(?:~|&|$)")
_TENCENT = re.compile(r"\bq-sign-time=\d+(?:;|%3[Bb])(\d+)")
_CLOUDFRONT_TIME = re.compile(rb'"DateLessThan"\s*:\s*\{\s*"AWS:EpochTime"\s*:\s*(\d+)')
_LICDN = re.compile(r"(?:.+\.)?licdn\.com")


def file_behind(url: WebUrl) -> WebUrl:
    """Where the file is that a shared link shows; the address itself where it is no such link."""
    if url.host in _DRIVE:
        return _of_drive(url)
    if url.host.removeprefix("www.") == "dropbox.com" and re.match(r"/(?:s|scl|sh)/", url.target):
        return _with(url, dl="1", raw=None)
    if url.host.endswith(".sharepoint.com") and url.target.startswith("/:"):
        return _with(url, download="1")
    return url


def asks_to_sign_in(url: WebUrl) -> bool:
    """Whether it is where strangers are sent to by a site that shows its files to some people only."""
    return url.host in _SIGN_IN or (url.host.endswith("dropbox.com") and url.target.startswith("/login"))


def expired_at(url: WebUrl) -> datetime | None:
    """When a signed address ends, as it says itself; None where it says nothing of the kind."""
    fields = {name.lower(): value for name, value in parse_qsl(url.query)}
    for kind in ("amz", "goog", "oss"):
        start, seconds = fields.get(f"x-{kind}-date", ""), fields.get(f"x-{kind}-expires", "")
        if seconds.isdecimal() and len(seconds) < 9 and (begun := _time(start, _AMAZON_TIME)):
            return min(begun, _LATEST) + timedelta(seconds=int(seconds))
    said = re.sub(r"\.\d+Z$", "Z", fields.get("se", ""))  # parts of a second
    if ends := next(filter(None, (_time(said, form) for form in _AZURE_TIMES)), None):
        return ends
    ends_s = next((int(each, 16) for each in _in_hex(url, fields) if re.fullmatch(r"[0-9a-fA-F]{8}", each)), None)
    ends_s = ends_s or next((int(each) for each in _in_seconds(url, fields) if re.fullmatch(r"[12]\d{9}", each)), None)
    return datetime.fromtimestamp(ends_s, UTC) if ends_s else None


def _in_hex(url: WebUrl, fields: Mapping[str, str]) -> Iterator[str]:
    yield fields.get("oe", "")
    if url.host.startswith(("cdn.discordapp.", "media.discordapp.")):
        yield fields.get("ex", "")


def _in_seconds(url: WebUrl, fields: Mapping[str, str]) -> Iterator[str]:
    names = ("expires", "x-expires", "expire", *(("e",) if _LICDN.fullmatch(url.host) else ()))
    yield from (fields.get(name, "") for name in names)
    yield from _AKAMAI.findall(url.target)
    yield from _TENCENT.findall(url.target)
    yield from (each.decode() for each in _CLOUDFRONT_TIME.findall(_policy(fields.get("policy", ""))))


def _policy(text: str) -> bytes:
    """What CloudFront is told to allow; its base64 has other signs for those that mean something in an address."""
    try:
        return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
    except ValueError:
        return b""


def _of_drive(url: WebUrl) -> WebUrl:
    found = _DRIVE_FILE.match(url.target)
    fields = dict(parse_qsl(url.query))
    file_id = (found["id"] or fields.get("id")) if found else None
    if not file_id:
        return url
    key = {"resourcekey": fields["resourcekey"]} if "resourcekey" in fields else {}
    wanted = urlencode({"id": file_id, "export": "download", "confirm": "t", **key})
    return replace(url, host=_DRIVE_FILES, target=f"/download?{wanted}")


def _with(url: WebUrl, **changes: str | None) -> WebUrl:
    """The same with other query fields; None takes one out."""
    fields = {**dict(parse_qsl(url.query, keep_blank_values=True)), **changes}
    query = urlencode({name: value for name, value in fields.items() if value is not None})
    return replace(url, target=f"{url.path}?{query}")


def _time(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
