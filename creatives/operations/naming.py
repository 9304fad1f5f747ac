"""Creatives as people name them: by their ids, or by how one of those begins: `9004` or, as it is shown, `9004…`; and
by the names of their files.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from creatives.operations.tables import Tables

LEAST = 4
"""Signs of an id; fewer name none."""

_WHOLE = re.compile(r"[0-9a-f]{40}")
_BEGINNING = re.compile(rf"[0-9a-f]{{{LEAST},39}}")
_SHORT = re.compile(rf"[0-9a-f]{{1,{LEAST - 1}}}")
_FOLDER = Path(__file__).parent
_NAME_CHARS = 120


class SeveralError(ValueError):
    """More creatives than one have an id that begins so; the message names some."""


def is_named(text: str) -> bool:
    """Whether a text may be an id, or its beginning."""
    plain = _plain(text)
    return bool(_WHOLE.fullmatch(plain) or _BEGINNING.fullmatch(plain))


def unknown(text: str) -> str:
    """What is said where no creative goes by a text; what is too short to name one is told to be that."""
    if _SHORT.fullmatch(_plain(text)):
        return f"{text}: too short for the beginning of an id, which has {LEAST} signs at least"
    return f"{text}: no such creative; `creatives report` shows each with its id"


def whole(tables: "Tables", named: Sequence[str]) -> list[str]:
    """The ids in full; what no id begins with stays as it is written.

    Raises:
        SeveralError: when it is not clear which creative is meant.
    """
    begun = {text: _plain(text) for text in named if _BEGINNING.fullmatch(_plain(text))}
    if not begun:
        return [_plain(text) if is_named(text) else text for text in named]
    rows = tables.within(_FOLDER).ask("beginning", beginnings=sorted({*begun.values()}))
    return [_only([row["creative_id"] for row in rows if row["beginning"] == begun.get(text)], text) for text in named]


def _plain(text: str) -> str:
    return text.strip().removesuffix("…").removesuffix("...").lower()


def _only(ids: Sequence[str], text: str) -> str:
    if len(ids) > 1:
        raise SeveralError(f"{text}: the ids of several creatives begin so ({', '.join(ids[:2])}, …): write more of it")
    if ids:
        return ids[0]
    return _plain(text) if is_named(text) else text


def name_of(uri: str | None, sources: Iterable[str], creative_id: str) -> str:
    """What people call a creative: the file's name where it was uploaded or fetched from, else the start of its id.

    Of several the shortest: 'ad (copy).jpg' was made of 'ad.jpg'. It is one line: what is no letter to be seen stays as
    an address has it.
    """
    names = [name for name in map(_file_name, sources) if name not in ("", creative_id)]
    name = min(names, key=lambda each: (len(each), each), default=_file_name(uri or ""))
    return name[:_NAME_CHARS] if name not in ("", creative_id) else creative_id[:12]


def _file_name(address: str) -> str:
    try:
        path = urlsplit(address).path if "://" in address and not address.startswith("gs://") else address
    except ValueError:
        return ""
    name = "" if address.startswith("data:") else PurePosixPath(unquote(path)).name
    return "".join(sign if sign.isprintable() else quote(sign, errors="replace") for sign in name)
