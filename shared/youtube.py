"""Videos on YouTube, which Gemini opens by their address: nothing is downloaded, stored or hashed of them.

One video has many addresses; its id of eleven characters is in each of them, and names the creative. Which addresses
Gemini takes: https://ai.google.dev/gemini-api/docs/video-understanding (public videos only), read in November 2026.
"""

import re
from urllib.parse import parse_qs, urlsplit

from shared import identity

CONTENT_TYPE = "video/*"
"""What Gemini is told of an address whose bytes nobody has seen; Vertex AI asks for a type."""

_WATCH = "https://www.youtube.com/watch?v="
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_PAGES = frozenset({"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"})
_LIST_INSTEAD = "videoseries"  # as long as an id, and stands where one would: the list is in the query
_NAMED_IN_PATH = frozenset({"shorts", "embed", "live", "v", "e"})


def address_of(url: str) -> str | None:
    """The one address of the video that `url` leads to; None where that is no video on YouTube (a channel, a list)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    host = (parts.hostname or "").removeprefix("www.")
    first, second = [*parts.path.strip("/").split("/"), "", ""][:2]
    named = None
    if host == "youtu.be":
        named = first
    elif host in _PAGES:
        named = second if first in _NAMED_IN_PATH else next(iter(parse_qs(parts.query).get("v", [])), None)
    is_video = named and _ID.fullmatch(named) and named != _LIST_INSTEAD
    return f"{_WATCH}{named}" if is_video else None


def is_address(uri: str) -> bool:
    """Whether a creative's URI is a video's address instead of an object's."""
    return uri.startswith(_WATCH)


def creative_id(address: str) -> str:
    """The id of the video at `address`, as `address_of` gives it."""
    return identity.creative_id(address.encode())
