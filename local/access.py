"""Who may use a server on this machine: the user whose machine it is. No other user, and no page in a browser.

Every process of the machine reaches 127.0.0.1, and so does every web page that is open in a browser on it. Google's
clients send no secret to an emulator, so a request is answered only

- when the kernel says that the other end of its connection belongs to this user (peers.py);
- under a name of this machine, with the port: a foreign name made to lead here (DNS rebinding) is not;
- when no page sent it: browsers say so by `Origin` and `Sec-Fetch-Site`, also with what needs no preflight, and those
  that know no `Sec-Fetch-Site` by `Referer`;
- when it asks for a path: one for a whole address (as proxies are asked) names a host beside `Host`.

What is refused is answered 403, with the reason.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from local import peers
from local.peers import Address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
"""Where local servers listen."""

STRANGER = "this server is for the user who started it, and the kernel says that somebody else asks"
FOREIGN_NAME = "this server answers under the names of this machine only: 127.0.0.1 and localhost, with its port"
PAGE = "this server is for programs: it answers no request that a page in a browser makes"

type Headers = Mapping[str, str]
"""By their names in small letters."""

type Scope = Any  # ASGI's own types are dictionaries of anything
type App = Callable[[Scope, Any, Any], Awaitable[None]]


def refusal(client: Address | None, port: int, target: str, headers: Headers) -> str | None:
    """Why a request to the server on `port` is not answered; None where it is.

    Args:
        client: the other end of its connection; None where there is none.
        port: of this machine.
        target: what it asks for, as its first line says; its query may be left out.
        headers: those of `host`, `origin`, `referer` and `sec-fetch-site` that it has. One that comes twice is joined
            by a comma.
    """
    return misled(port, target, headers) or stranger(client, port)


def misled(port: int, target: str, headers: Headers) -> str | None:
    """Why a request is not answered, whoever is connected; None where it is."""
    if headers.get("host") not in own_names(port):
        return FOREIGN_NAME
    if "origin" in headers or "referer" in headers or headers.get("sec-fetch-site", "none") != "none":
        return PAGE
    return no_path(target)


def no_path(target: str) -> str | None:
    """Why a request for this is not answered, whatever else it says; None where it is for a path."""
    return None if target.startswith("/") else FOREIGN_NAME


def stranger(client: Address | None, port: int) -> str | None:
    """Why whoever is connected is not answered, whatever it asks; None where it is."""
    return None if client and peers.is_ours(client, (HOST, port)) else STRANGER


def own_names(port: int) -> tuple[str, str]:
    """What `Host` says when the server on `port` is meant."""
    return f"{HOST}:{port}", f"localhost:{port}"


def guarded_asgi(app: App, port: int) -> App:
    """The app behind the guard. It has to stand outermost: where a proxy's headers are believed, they are believed
    about the other end of the connection.
    """

    async def guard(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        refused = None
        if scope["type"] != "lifespan":
            refused = refusal(scope.get("client"), port, scope["path"], _joined(scope["headers"]))
        if refused is None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # which is answered 403
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": f"{refused}\n".encode()})

    return guard


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.decode("latin-1").lower()
        found[key] = f"{found[key]},{value.decode('latin-1')}" if key in found else value.decode("latin-1")
    return found


def guarded_wsgi(app: "WSGIApplication") -> "WSGIApplication":
    """The app behind the guard, on whichever port it was reached: the server says that, not who asks."""
    names = ("host", "origin", "referer", "sec-fetch-site")
    keys = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in names}

    def refused(environ: "WSGIEnvironment") -> str | None:
        headers = {name: environ[key] for name, key in keys.items() if key in environ}
        return refusal(_client(environ), int(environ["SERVER_PORT"]), _target(environ), headers)

    return _wsgi(app, refused)


def known_wsgi(app: "WSGIApplication", port: int) -> "WSGIApplication":
    """The app, for this user alone; it has pages of its own, and tells them from others by itself."""
    return _wsgi(app, lambda environ: no_path(_target(environ)) or stranger(_client(environ), port))


def _wsgi(app: "WSGIApplication", refused: Callable[["WSGIEnvironment"], str | None]) -> "WSGIApplication":
    def guard(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        reason = refused(environ)
        if reason is None:
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")])
        return [f"{reason}\n".encode()]

    return guard


def _target(environ: "WSGIEnvironment") -> str:
    """What the first line asks for: gunicorn and werkzeug tell it, and make a path of it beside."""
    return str(environ["RAW_URI"])


def _client(environ: "WSGIEnvironment") -> Address | None:
    """The other end of the connection that a request came by; None where the server does not say."""
    port = str(environ.get("REMOTE_PORT", ""))
    return (environ["REMOTE_ADDR"], int(port)) if port.isdecimal() else None
