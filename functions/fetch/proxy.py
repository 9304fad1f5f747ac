"""A company's proxy, as the setting names it."""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORT = 3128
_FORM = "give http://HOST:PORT, with USER:PASSWORD@ before the host where the proxy wants them"


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        authorization: the value of the header that it is told who asks by; None where it does not want to know.
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What is said to the proxy alone."""
        return [(b"Proxy-Authorization", self.authorization.encode())] if self.authorization else []


def proxy(text: str) -> Proxy:
    """The proxy at `http://[USER:PASSWORD@]HOST[:PORT]`.

    Raises:
        ValueError: when that is none; the text stays out of the message, for a password may stand in it.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port or _PORT
    except ValueError:
        raise ValueError(_FORM) from None  # what it says quotes the text
    if parts.scheme != "http" or not parts.hostname or re.fullmatch("/?", parts.path) is None or parts.query:
        raise ValueError(_FORM)
    authorization = None
    if parts.username is not None:
        told = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(told.encode()).decode()}"
    return Proxy(parts.hostname, port, authorization)
