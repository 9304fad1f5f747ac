"""Zip archives of creatives, taken apart: each file in one is an ad of its own, as in a folder.

Names in an archive are only names: what is unpacked lies under numbers. Sizes are checked before, and held while. Of a
file that is no picture, video, list or archive no more is unpacked than its first bytes, by which its ad fails.
"""

import errno
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from creatives.analysis import listfiles
from shared.counting import many
from shared.junk import is_hidden, is_junk
from shared.media import banners
from shared.media.sniffing import HEAD_BYTES, ZIP_BEGINS, sniff
from shared.reasons import Reason
from shared.refusals import Refusal

MOST_FILES = 100_000
MOST_BYTES = 20 * 10**9
MOST_RATIO = 100
"""How many times its packed size a file or an archive may unpack to; pictures and videos are hardly packed at all."""

FILE_BYTES_ALWAYS = 50 * 10**6
ARCHIVE_BYTES_ALWAYS = 10**9
"""What is not above is unpacked whatever the ratio: a plain white bitmap packs to a thousandth."""

FAULTS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)
"""What reading a damaged archive raises: each way of packing has its own."""


_LOCKED = Refusal(Reason.LOCKED_FILE, "the zip archive locks it with a password")


class ArchiveError(Exception):
    """An archive that is not taken apart."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason, detail)


@dataclass(frozen=True)
class Member:
    """A file of an archive.

    Attributes:
        name: in the archive.
        path: where it lies now.
        refusal: why it is not there; None where it is, or is junk.
    """

    name: str
    path: Path
    refusal: Refusal | None = None


def may_be_archive(name: str, head: bytes) -> bool:
    """Whether it is a zip, by its first bytes whatever it is called; or by its name, as one behind a program is."""
    return head.startswith(ZIP_BEGINS) or PurePath(name).suffix.lower() == ".zip"


def is_archive_of_files(path: Path) -> bool:
    """Whether it is a zip of files to be looked at one by one: no document, no HTML5 banner, which is one ad.

    So is one that was cut off, or has no files: `unpack` tells of it.
    """
    with path.open("rb") as file:
        head = file.read(len(ZIP_BEGINS))
    if not may_be_archive(path.name, head):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return len(banners.folders(names)) != 1 and not banners.is_document(names)
    except FAULTS:
        return head == ZIP_BEGINS


def unpack(path: Path, into: Path) -> Iterator[Member]:
    """Each file of the archive, unpacked into the folder; junk and hidden files are there by name only.

    Of several HTML5 banners each is a file: its own archive, called as its folder.

    Raises:
        ArchiveError: when it is damaged, empty, or is a bomb as a whole, before anything is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = [member for member in archive.infolist() if not member.is_dir()]
            if not files:
                raise ArchiveError(Reason.EMPTY_ARCHIVE, "no files are in the zip archive")
            _require_bounded(files, path.stat().st_size)
            into.mkdir(parents=True, exist_ok=True)
            held = banners.folders(archive.namelist())
            for number, folder in enumerate(held):
                own = [member for member in files if _is_in(folder, member)]
                yield _repacked(archive, own, folder, into / f"banner{number}.zip")
            for number, member in enumerate(files):
                if not any(_is_in(folder, member) for folder in held):
                    yield _unpacked(archive, member, into / str(number))
    except FAULTS as error:
        _require_space(error)
        raise ArchiveError(Reason.BROKEN_ARCHIVE, f"a damaged zip archive: {error}") from error


def _require_bounded(files: list[zipfile.ZipInfo], packed: int) -> None:
    size = sum(member.file_size for member in files if not _is_bomb(member))
    if size > ARCHIVE_BYTES_ALWAYS and size > MOST_RATIO * packed:
        told = f"it unpacks to {size:,} bytes, over {MOST_RATIO} times its own {packed:,}"
        raise ArchiveError(Reason.TOO_LARGE, f"{told}: no pictures or videos pack so; pack them again")
    if len(files) > MOST_FILES or size > MOST_BYTES:
        told = f"{many(len(files), 'file')} of {size:,} bytes"
        raise ArchiveError(
            Reason.TOO_LARGE, f"{told}, the limits are {MOST_FILES:,} and {MOST_BYTES:,}: pack it in parts"
        )


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Member:
    name = _name(member)
    if is_junk(name) or is_hidden(name):
        return Member(name, path)
    if refusal := _refusal(member):
        return Member(name, path, refusal)
    try:
        with archive.open(member) as packed, path.open("wb") as file:
            head = packed.read(HEAD_BYTES)
            file.write(head)
            if _may_be_of_use(name, head, member.file_size):
                shutil.copyfileobj(packed, file)
    except FAULTS as error:
        return Member(name, path, _damaged(path, error))
    return Member(name, path)


def _refusal(member: zipfile.ZipInfo) -> Refusal | None:
    """Why a file is not unpacked, by what the archive's directory says of it."""
    if _is_locked(member):
        return _LOCKED
    if _is_bomb(member):
        packed = f"over {MOST_RATIO} times the {member.compress_size:,} that it is packed in"
        return Refusal(Reason.TOO_LARGE, f"it unpacks to {member.file_size:,} bytes, {packed}")
    return None


def _is_locked(member: zipfile.ZipInfo) -> bool:
    return bool(member.flag_bits & 1)


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > FILE_BYTES_ALWAYS and member.file_size > MOST_RATIO * member.compress_size


def _may_be_of_use(name: str, head: bytes, size: int) -> bool:
    """Whether more of a file is needed than the first bytes, which tell what it is."""
    media = sniff(head)
    if media and media.kind:
        return True
    if banners.may_be_banner(media) and size <= banners.MOST_ZIP_BYTES:
        return True
    return size <= listfiles.MOST_BYTES and listfiles.may_be_list(name, head)


def _damaged(path: Path, error: Exception) -> Refusal:
    """Why a file cannot be unpacked; what there was of it goes."""
    path.unlink(missing_ok=True)
    _require_space(error)
    return Refusal(Reason.BROKEN_ARCHIVE, f"it cannot be unpacked: {error}")


def _require_space(error: Exception) -> None:
    """Raises what is no fault of the archive."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise error


def _is_in(folder: str, member: zipfile.ZipInfo) -> bool:
    return banners.plain(_name(member)).startswith(f"{folder}/")


def _repacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: str, path: Path) -> Member:
    """A banner as an archive of its own."""
    if refusal := next(filter(None, map(_refusal, members)), None):
        return Member(f"{folder}.zip", path, refusal)
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as own:
            named = {banners.plain(_name(member)).removeprefix(f"{folder}/"): member for member in members}
            for name, member in named.items():
                with archive.open(member) as packed, own.open(name, "w") as file:
                    shutil.copyfileobj(packed, file)
    except FAULTS as error:
        return Member(f"{folder}.zip", path, _damaged(path, error))
    return Member(f"{folder}.zip", path)


def _name(member: zipfile.ZipInfo) -> str:
    """The name; programs that do not say that they write UTF-8 write it all the same."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename
