"""Files of the local Cloud Storage: fake-gcs-server says of each in an extended attribute what object it is."""

import errno
import os
import sys
from pathlib import Path

from local.processes import ServerError

_DESCRIPTION = "user.metadata"


def require_described(folder: Path) -> None:
    """Returns where the files of each bucket say what objects they are: of each bucket the first is asked.

    Raises:
        ServerError: when one does not, as in a copy by a program that leaves attributes out.
    """
    if sys.platform != "linux" or not folder.is_dir():  # elsewhere Python does not tell attributes
        return
    for bucket in filter(Path.is_dir, folder.iterdir()):
        objects = (path for path in bucket.rglob("*") if path.is_file() and not path.name.startswith("."))
        first = next(objects, None)
        if first and not _is_described(first):
            raise ServerError(
                f"{first} lost what it says of itself: {folder.parent} was copied by a program that leaves extended "
                "attributes out. Copy it again with `cp -a`, `rsync -aX` or `tar --xattrs`"
            )


def forget_half_uploads(folder: Path) -> None:
    """Deletes what a server that was killed was about to write: files of a name with a dot before, and without what
    says which object they are. While there is one in its bucket, the server lists no object of it.
    """
    if sys.platform != "linux":  # elsewhere Python does not tell attributes
        return
    for path in folder.rglob(".*"):
        if path.is_file() and not _is_described(path):
            path.unlink()


def _is_described(path: Path) -> bool:
    """Whether it has the attribute, or its file system has none."""
    try:
        os.getxattr(path, _DESCRIPTION, follow_symlinks=False)
    except OSError as error:
        return error.errno != errno.ENODATA
    return True
