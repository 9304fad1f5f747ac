"""The files of an HTML5 banner, read out of its zip without trust: bounded before and while it is unpacked.

Names in an archive are only names: nothing is written to a disk, and what a page asks for is looked up among them.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from shared.counting import many
from shared.media import banners
from shared.reasons import Reason, Rejected

MOST_FILES = 2_000
MOST_BYTES = 100 * 10**6
_MOST_NAMED = 300  # characters
"""Of a banner once unpacked; what ad servers take is a fiftieth of it."""

_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_AD_SIZE = re.compile(rb"<meta\b[^>]*\bname\s*=\s*[\"']?ad\.size\b[^>]*>", re.IGNORECASE)
_SIDES = re.compile(rb"width\s*=\s*(\d{1,5})\D{1,20}height\s*=\s*(\d{1,5})", re.IGNORECASE)
_NAMED_SIZE = re.compile(r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)", re.IGNORECASE)
SIDES = range(1, 4001)

type Size = tuple[int, int]


@dataclass(frozen=True)
class Bundle:
    """A banner's files.

    Attributes:
        files: by their path, relative to the folder of the page.
        page: the path of the page.
        size: width and height in pixels, by the page's `ad.size`, else by the name of a file; None where none says.
    """

    files: Mapping[str, bytes]
    page: str
    size: Size | None


def unpacked(content: bytes, name: str = "") -> Bundle:
    """The banner in a zip that was called `name`.

    Raises:
        Rejected: when the zip is damaged, locked, a bomb, or has no page, or several in as many folders.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _require_bounded(members)
            _require_open(members)
            files = {
                banners.plain(member.filename): archive.read(member)
                for member in members
                if banners.plain(member.filename)
            }
    except _DAMAGES as error:
        raise Rejected(Reason.BROKEN_BANNER, f"the zip cannot be unpacked: {error}") from error
    page = banners.page_of(files)
    if page is None:
        raise Rejected(Reason.BROKEN_BANNER, "the zip has no index.html")
    if len(held := banners.folders(files)) > 1:
        told = f"{len(held)} folders of it have a page ({', '.join(held)[:_MOST_NAMED]})"
        raise Rejected(Reason.SEVERAL_BANNERS, f"{told}: `creatives analyze` takes such a zip apart")
    folder = posixpath.dirname(page)
    inside = {posixpath.relpath(path, folder or "."): data for path, data in files.items() if _within(path, folder)}
    names = [posixpath.basename(page), folder, name, *inside]
    return Bundle(inside, posixpath.basename(page), _declared_size(files[page]) or _named_size(names))


def _require_bounded(members: list[zipfile.ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    if len(members) > MOST_FILES or size > MOST_BYTES:
        told = f"{many(len(members), 'file')} of {size:,} bytes once unpacked"
        raise Rejected(Reason.TOO_LARGE, f"{told}, the limits are {MOST_FILES:,} and {MOST_BYTES:,}")


def _require_open(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Rejected(Reason.LOCKED_FILE, "the zip locks files with a password")


def _within(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _declared_size(page: bytes) -> Size | None:
    """Width and height as `<meta name="ad.size" content="width=300,height=250">` says."""
    meta = _AD_SIZE.search(page)
    sides = _SIDES.search(meta[0]) if meta else None
    return _usable(int(sides[1]), int(sides[2])) if sides else None


def _named_size(names: list[str]) -> Size | None:
    sides = (_NAMED_SIZE.search(name) for name in names)
    return next((_usable(int(found[1]), int(found[2])) for found in sides if found), None)


def _usable(width: int, height: int) -> Size | None:
    return (width, height) if width in SIDES and height in SIDES else None
