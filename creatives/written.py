"""Files that a command is told to write: refused before any work where they cannot be, in their place once whole.

No folder is made for them: one that is not there is a mistyped one, or a disk that is not mounted.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer

from creatives import terminal

STDOUT = Path("-")


def file(place: Path | None) -> Path | None:
    """An option's callback: a file that can be written there; or standard output, a device or a pipe."""
    if place is None or place == STDOUT or _is_no_file(place):
        return place
    if place.is_dir():
        raise typer.BadParameter(f"{place} is a folder: name a file in it")
    _require_folder(place.resolve().parent)  # of a link where it leads to
    return place


def folder(place: Path | None) -> Path | None:
    """An option's callback: a folder that is there, or can be made in one that is."""
    if place is None or place.is_dir():
        return place
    if place.exists():
        raise typer.BadParameter(f"{place} is no folder")
    _require_folder(place.resolve().parent)
    return place


def _require_folder(within: Path) -> None:
    if not within.is_dir():
        raise typer.BadParameter(f"there is no folder {within}: name one that exists, or make it")
    if not os.access(within, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"nothing may be written into {within}: change its permissions, or name another")


def _is_no_file(place: Path) -> bool:
    return place.exists() and not place.is_file() and not place.is_dir()


@contextmanager
def opened(place: Path) -> Iterator[BinaryIO]:
    """The file to be written, which takes its place once it is whole; or standard output, a device or a pipe."""
    if place == STDOUT:
        yield terminal.standard_output()
        sys.stdout.flush()
        return
    path = place.resolve()  # of a link what it leads to
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
