"""Structured logs: one JSON line per outcome on stdout, in the form that Cloud Logging reads; or told to who runs it.

Never pass a URL with credentials or a signature in it, a key, or a file's contents: `shared.urls.redacted` is for URLs.
What gets here all the same, in the message of somebody else's exception, say, is taken out as far as it can be told.
"""

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

_about: ContextVar[Mapping[str, Any]] = ContextVar("_about", default=MappingProxyType({}))

type Tell = Callable[[str, str], None]
"""Takes a line's severity and what it says."""

_tell: Tell | None = None

_SECRETS = re.compile(
    r"""(?P<before>://)[^/\s"\\@?\#]*(?=@)"""  # user and password of a URL
    r"""|(?P<name>[?&;\s"'](?:[\w-]*(?:signature|credential|token|secret|password|api[_-]?key)|sig|key)=)[^&\s"'\\]+"""
    r"""|AIza[\w-]{30,}""",  # a key of Google's APIs
    re.IGNORECASE,
)


@contextmanager
def told_by(tell: Tell) -> Iterator[None]:
    """This process writes no lines meanwhile, but has them told: stdout is what a command answers."""
    global _tell
    before, _tell = _tell, tell
    try:
        yield
    finally:
        _tell = before


@contextmanager
def about(**fields: Any) -> Iterator[None]:  # noqa: ANN401
    """Every line written meanwhile, by this thread, has these fields too."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def info(message: str, **fields: Any) -> None:  # noqa: ANN401
    """Writes one line of severity INFO."""
    _write("INFO", message, fields)


def warning(message: str, **fields: Any) -> None:  # noqa: ANN401
    """Writes one line of severity WARNING."""
    _write("WARNING", message, fields)


def error(message: str, **fields: Any) -> None:  # noqa: ANN401
    """Writes one line of severity ERROR, with the traceback of the exception being handled."""
    if sys.exc_info()[0]:
        fields["exception"] = traceback.format_exc(limit=8)
    _write("ERROR", message, fields)


def _write(severity: str, message: str, fields: dict[str, Any]) -> None:
    if _tell:
        said = ", ".join(f"{name} {value}" for name, value in fields.items() if name != "exception")
        _tell(severity, _without_secrets(f"{message} ({said})" if said else message))
        return
    line = {"severity": severity, "message": message, **_about.get(), **fields}
    chain = line.get("event_id")
    if chain:
        line["logging.googleapis.com/labels"] = {"event_id": str(chain)}
    sys.stdout.write(_without_secrets(json.dumps(line, default=str, ensure_ascii=False)) + "\n")
    sys.stdout.flush()


def _without_secrets(text: str) -> str:
    return _SECRETS.sub(lambda found: f"{found['before'] or found['name'] or ''}…", text)
