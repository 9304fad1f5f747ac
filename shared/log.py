"""Structured logs: one JSON line per outcome on stdout, in the form that Cloud Logging reads.

Never pass a URL with credentials or a signature in it, a key, or a file's contents: `shared.urls.redacted` is for URLs.
"""

import json
import sys
import traceback
from typing import Any


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
    line = {"severity": severity, "message": message, **fields}
    trace = fields.get("event_id")
    if trace:
        line["logging.googleapis.com/labels"] = {"event_id": str(trace)}
    sys.stdout.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()
