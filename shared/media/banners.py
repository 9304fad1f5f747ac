"""HTML5 banners: zips with a page in them, told from other zips by the names of their files.

So are documents and programs that are zips inside: nobody wants their pictures looked at one by one.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import TypeGuard

from shared.events import Kind
from shared.media.sandbox import Source
from shared.media.sniffing import HEAD_BYTES, Media, require_taken, sniff
from shared.reasons import Reason, Rejected

ZIP = "application/zip"
LONGEST_S = 30.0
"""Ad servers let a banner move for this long, and no longer."""

MOST_ZIP_BYTES = 50 * 10**6
"""Of a banner's zip; ad servers take a few."""

_DIRECTORY_BYTES = 2**20  # the directory of a zip is at its end; a banner's has a few hundred names

_END = b"PK\5\6"  # what a zip's directory ends with


_DOCUMENTS = tuple(
    frozenset(names)
    for names in (
        ("[Content_Types].xml",),  # Word, Excel, PowerPoint
        ("mimetype",),  # OpenDocument, EPUB, InDesign's IDML
        ("Index/Document.iwa",),  # Pages, Numbers, Keynote
        ("canvas.fig",),  # Figma
        ("document.json", "meta.json", "user.json"),  # Sketch
        ("META-INF/MANIFEST.MF",),  # Java
        ("AndroidManifest.xml",),
    )
)
"""Files that every document or program of a kind holds."""


def recognise(source: Source, max_bytes: Callable[[Kind], int], what: str) -> Media:
    """What a picture, video or HTML5 banner is, where it is taken; `what` is what it is called.

    Raises:
        Rejected: when it is empty, none of the three, or larger than `max_bytes` of its kind.
    """
    media = sniff(source.read_range(0, HEAD_BYTES))
    if may_be_banner(media):
        require_banner(source, what)
        return media
    return require_taken(media, source.size, max_bytes, what)


def may_be_banner(media: Media | None) -> TypeGuard[Media]:
    """Whether a file is a zip with something in it, by its first bytes: its directory tells more."""
    return media is not None and media.content_type == ZIP and media.refused_for is Reason.UNOPENED_ARCHIVE


def is_document(names: Iterable[str]) -> bool:
    """Whether a zip of these files is the document or the program of some application."""
    held = frozenset(names)
    return any(held >= needed for needed in _DOCUMENTS)


def require_banner(source: Source, what: str) -> None:
    """Refuses a zip that is none: every door does so in the same words; `what` is what it is called.

    Raises:
        Rejected: UNSUPPORTED_TYPE for a document or a program, BROKEN_ARCHIVE for one that was cut off or has no
            directory that can be read, UNOPENED_ARCHIVE for any other.
    """
    end = _end(source)
    names = _names(end)
    if names is None and (_END not in end or len(end) == source.size):
        raise Rejected(Reason.BROKEN_ARCHIVE, f"{what} is a zip archive that was cut off or is damaged")
    names = names or []
    if is_document(names):
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"{what} is a document or a program that is a zip inside")
    if source.size > MOST_ZIP_BYTES or page_of(names) is None:
        raise Rejected(Reason.UNOPENED_ARCHIVE, f"{what} is a zip archive")


def _end(source: Source) -> bytes:
    start = max(0, source.size - _DIRECTORY_BYTES)
    return source.read_range(start, source.size - start)


def _names(end: bytes) -> list[str] | None:
    """The names of the files of a zip that ends so; None where its directory cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(end)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None


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
