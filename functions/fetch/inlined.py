"""What a `data:` address holds: the file itself, in its text. Senders ask the same before they send."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from shared.reasons import Reason, Rejected
from shared.urls import redacted

_DATA_URL = re.compile(r"data:(?P<type>[^,]{0,200}),(?P<data>.*)", re.IGNORECASE | re.DOTALL)


def content_of(url: str) -> bytes:
    """The file.

    Raises:
        Rejected: when the address is malformed.
    """
    match = _DATA_URL.fullmatch(url.strip())
    if not match:
        raise Rejected(Reason.INVALID_URL, f"{redacted(url)} is not a data: URL")
    data = unquote_to_bytes(match["data"])
    return _base64(data, redacted(url)) if match["type"].lower().endswith(";base64") else data


def _base64(data: bytes, where: str) -> bytes:
    """Also without padding, with line breaks, or of the URL alphabet, as people write them."""
    compact = b"".join(data.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except binascii.Error as error:
        raise Rejected(Reason.INVALID_URL, f"{where} is not valid base64") from error
