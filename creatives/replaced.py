"""Files that we keep for ourselves and write again and again: each is as it was, or whole, whoever reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """What is written takes the place of `file` at the end; where that fails nothing is left of it."""
    with NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as new:
        unfinished = Path(new.name)
        try:
            yield new
            new.flush()
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
