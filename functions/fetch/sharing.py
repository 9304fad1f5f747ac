"""Links that people share instead of files: where the file behind one is, and when a link has had its time.

Google Drive, Dropbox and SharePoint answer a shared link with a page; the same file has an address of its own, which
needs no account where the file is public. Content networks sign addresses for some days.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.urls import WebUrl

_DRIVE = frozenset(("drive.google.com", "docs.google.com"))
_DRIVE_FILES = "drive.usercontent.google.com"
_DRIVE_FILE = re.compile(r"/(?:a/[\w.-]+/)?(?:file/(?:u/\d+/)?d/|uc|open|thumbnail)(?P<id>[\w-]{10,})?")
_SIGN_IN = frozenset(("accounts.google.com", "login.microsoftonline.com", "login.live.com"))

_AMAZON_TIME = "%Y%m%dT%H%M%SZ"
_AKAMAI = re.compile(r"(?:^|[~&?=])exp=(\d{9,11})(?:~|&|$)")
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
    fields = {name.lower(): value for name, value in parse_qsl(urlsplit(url.target).query)}
    for kind in ("amz", "goog"):
        start, seconds = fields.get(f"x-{kind}-date", ""), fields.get(f"x-{kind}-expires", "")
        if seconds.isdecimal() and len(seconds) < 9 and (begun := _time(start, _AMAZON_TIME)):
            return begun + timedelta(seconds=int(seconds))
    if ends := _time(fields.get("se", ""), "%Y-%m-%dT%H:%M:%SZ"):
        return ends
    if re.fullmatch(r"[0-9a-fA-F]{8}", fields.get("oe", "")):
        return datetime.fromtimestamp(int(fields["oe"], 16), UTC)
    names = ("expires", "x-expires", "expire", *(("e",) if _LICDN.fullmatch(url.host) else ()))
    said = [fields.get(name, "") for name in names] + _AKAMAI.findall(url.target)
    ends_s = next((int(each) for each in said if re.fullmatch(r"[12]\d{9}", each)), None)
    return datetime.fromtimestamp(ends_s, UTC) if ends_s else None


def _of_drive(url: WebUrl) -> WebUrl:
    found = _DRIVE_FILE.match(url.target)
    fields = dict(parse_qsl(urlsplit(url.target).query))
    file_id = (found["id"] or fields.get("id")) if found else None
    if not file_id:
        return url
    key = {"resourcekey": fields["resourcekey"]} if "resourcekey" in fields else {}
    wanted = urlencode({"id": file_id, "export": "download", "confirm": "t", **key})
    return replace(url, host=_DRIVE_FILES, target=f"/download?{wanted}")


def _with(url: WebUrl, **changes: str | None) -> WebUrl:
    """The same with other query fields; None takes one out."""
    parts = urlsplit(url.target)
    fields = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **changes}
    query = urlencode({name: value for name, value in fields.items() if value is not None})
    return replace(url, target=f"{parts.path}?{query}")


def _time(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
