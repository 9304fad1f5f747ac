"""HTML5 banners for tests, written on the spot."""

import io
import re
import zipfile
from collections.abc import Mapping

HEAD = '<meta name="ad.size" content="width={},height={}"><style>body{{margin:0;background:white}}</style>'


def page(body: str, size: tuple[int, int] | None = (300, 250)) -> str:
    return f"<!DOCTYPE html><html><head>{HEAD.format(*size) if size else ''}</head><body>{body}</body></html>"


def locked(content: bytes) -> bytes:
    """A zip whose files all say that they are encrypted."""
    marked = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), content):
            marked[found.start() + place] |= 1
    return bytes(marked)


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def banner(body: str, size: tuple[int, int] | None = (300, 250), **files: bytes | str) -> bytes:
    return zipped({"index.html": page(body, size), **files})
