"""HTML5 banners: zips with a page in them, told from other zips by the names of their files."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable

from shared.media.sandbox import Source

ZIP = "application/zip"
LONGEST_S = 30.0
"""Ad servers let a banner move for this long, and no longer."""

MOST_ZIP_BYTES = 50 * 10**6
"""Of a banner's zip; ad servers take a few."""

_DIRECTORY_BYTES = 2**20  # the directory of a zip is at its end; a banner's has a few hundred names


def is_banner(source: Source) -> bool:
    """Whether a zip is an HTML5 banner, by its directory: nothing of it is unpacked."""
    start = max(0, source.size - _DIRECTORY_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(source.read_range(start, source.size - start))) as archive:
            return page_of(archive.namelist()) is not None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def page_of(names: Iterable[str]) -> str | None:
    """The `index.html` that is nearest to the top; None where there is none."""
    return min(_pages(names), key=lambda path: (path.count("/"), path), default=None)


def folders(names: Iterable[str]) -> list[str]:
    """The folders of the pages nearest to the top: several where an archive holds a banner in each of them."""
    pages = _pages(names)
    depth = min((path.count("/") for path in pages), default=0)
    return sorted({posixpath.dirname(path) for path in pages if path.count("/") == depth})


def _pages(names: Iterable[str]) -> list[str]:
    return [path for path in map(plain, names) if posixpath.basename(path).lower() in ("index.html", "index.htm")]


def plain(name: str) -> str:
    """A path within an archive; empty where it points out of it."""
    path = posixpath.normpath(name.replace("\\", "/"))
    outside = path.startswith(("/", "..")) or re.match(r"[A-Za-z]:", path)
    return "" if outside or path == "." or path.startswith("__MACOSX/") else path
