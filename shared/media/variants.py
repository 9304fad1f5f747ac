"""Whether a picture that its decoder does not read is whole: then it is no damage, but a variant that nobody taught it.

TIFF and HEIF are containers for many codings. Only the containers are read here: that what they point to is there.
"""

import io

from PIL import TiffImagePlugin

_OFFSETS = ((273, 279), (324, 325))  # of strips and of tiles, with their lengths in bytes


def is_whole(content: bytes, pillow_format: str) -> bool:
    """Whether the file has all that its directory names."""
    return _tiff_is_whole(content) if pillow_format == "TIFF" else _boxes_are_whole(content)


def _tiff_is_whole(content: bytes) -> bool:
    try:
        directory = _directory(content)
        pieces = [
            (int(offset), int(length))
            for offsets, lengths in _OFFSETS
            for offset, length in zip(_numbers(directory.get(offsets)), _numbers(directory.get(lengths)), strict=True)
        ]
    except Exception:  # noqa: BLE001 - whatever a stranger's directory makes of the reader: it is not whole
        return False
    return bool(pieces) and all(length > 0 and offset + length <= len(content) for offset, length in pieces)


def _directory(content: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    file = io.BytesIO(content)
    directory = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
    file.seek(directory.next)
    directory.load(file)
    return directory


def _numbers(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else () if value is None else (int(str(value)),)


def _boxes_are_whole(content: bytes) -> bool:
    """Whether the boxes of an ISO file follow one another to its end, and one of them describes a picture."""
    at, names = 0, set()
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4])
        names.add(content[at + 4 : at + 8])
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        elif size == 0:
            size = len(content) - at
        if size < 8:
            return False
        at += size
    return at == len(content) and bool(names & {b"meta", b"moov"}) and len(names) > 2  # with the type and the data
