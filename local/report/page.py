"""Makes the page: one HTML file with its styles, scripts and data inside, which asks nothing of any network.

The sources are the files in `assets/`: readable as they are, run as they are. The scripts are modules of one page, put
one after the other without their imports and exports; a content security policy names each part by its hash, so
that nothing else runs, wherever a name, an address or a quoted text may end up.
"""

import base64
import hashlib
import re
from pathlib import Path

from local.report.model import ReportData

_ASSETS = Path(__file__).parent / "assets"

_SCRIPTS = ("main.js",)
"""In the order in which they need one another."""

_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?function |const |class )", re.MULTILINE)

_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
"""What could end a script element early, or a line of JavaScript; JSON's own strings hold them all the same."""


def render(data: ReportData, *, live: bool = False) -> str:
    """The page of a report.

    Args:
        data: what it shows.
        live: whether it is served by `creatives up`: it then takes uploads and addresses, and brings itself up to date.
    """
    style, script = _read("page.css"), _bundled(_SCRIPTS)
    values = {
        "policy": _policy(style, script, live=live),
        "mode": "live" if live else "file",
        "style": style,
        "script": script,
        "data": data.model_dump_json(exclude_none=True).translate(_ESCAPES),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], _read("page.html"))


def _policy(style: str, script: str, *, live: bool) -> str:
    """What the page may do: run this script, wear this style, show the pictures in it."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            f"connect-src {"'self'" if live else "'none'"}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _bundled(names: tuple[str, ...]) -> str:
    """The modules as one."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", _read(name))) for name in names)


def _read(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
