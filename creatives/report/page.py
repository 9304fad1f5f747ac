"""Makes the page: one HTML file with its styles, scripts and data inside, which asks nothing of any network.

The sources are the files in `assets/`: readable as they are, run as they are. The scripts are modules, put
into one; a content security policy names script and style by their hashes, so that nothing else runs, wherever a
name, an address or a quoted text may end up.
"""

import base64
import hashlib
import re
from pathlib import Path

from creatives.report.model import ReportData

_ASSETS = Path(__file__).parent / "assets"

_IMPORT = re.compile(r"^import (\{[^}]*\}) from \"\./(\w+)\.js\";$", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const) (\w+))", re.MULTILINE)

_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
"""What could end a script element early, or a line of JavaScript; JSON's own strings hold them all the same."""


def render(data: ReportData, *, live: bool = False) -> str:
    """The page of a report.

    Args:
        data: what it shows.
        live: whether it is served by `creatives up`: it then takes uploads and addresses, and brings itself up to date.
    """
    style, script = _read("page.css"), _bundled("main")
    values = {
        "policy": _policy(style, script, live=live),
        "mode": "live" if live else "file",
        "style": style,
        "script": script,
        "data": as_json(data).translate(_ESCAPES),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], _read("page.html"))


def as_json(data: ReportData) -> str:
    """The data as the page takes it, in it or polled: what is not known is left out."""
    return data.model_dump_json(exclude_none=True)


def _policy(style: str, script: str, *, live: bool) -> str:
    """What the page may do: run this script, wear this style, show what is in it, and ask its server if live."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            f"img-src data:{" 'self'" if live else ''}",
            f"media-src {"'self'" if live else "'none'"}",
            f"connect-src {"'self'" if live else "'none'"}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _bundled(entry: str) -> str:
    """A module and all it imports as one script: each in a scope of its own, after those it needs."""
    wrapped: dict[str, str] = {}

    def add(name: str) -> None:
        source = _read(f"{name}.js")
        for needed in _IMPORT.finditer(source):
            if needed[2] not in wrapped:
                add(needed[2])
        wrapped[name] = _wrapped(name, source)

    add(entry)
    return "\n".join(wrapped.values())


def _wrapped(name: str, source: str) -> str:
    """A module as a function that returns what it exports; what it imports it takes from the others' results."""
    exported = ", ".join(match[2] for match in _EXPORT.finditer(source))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = $\2;", source))
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _read(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
