"""Files as a browser sends them, on their way into the creatives bucket: on disk meanwhile, never in memory."""

import hashlib
import unicodedata
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request

from creatives.analysis import inputs

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from google.cloud import storage

FILE_BYTES = 2 * 10**9
"""Of one file: what `intake` allows a video. Whatever is smaller and still too large is refused there, with a row."""

REQUEST_BYTES = 20 * 10**9
_MEMORY_BYTES = 2**20
_NAME_CHARS = 200


class Received(SpooledTemporaryFile[bytes]):
    """A file that comes in: what is beyond `FILE_BYTES` is read past.

    Attributes:
        size: how many bytes came in, all counted.
        digest: of those that were kept.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(max_size=_MEMORY_BYTES, dir=str(folder))
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:  # noqa: ANN401 - any bytes-like object, as the protocol has it
        """Keeps the content, as far as it is allowed."""
        self.size += len(content)
        if self.size <= FILE_BYTES:
            self.digest.update(content)
            super().write(content)
        return len(content)


class UploadRequest(Request):
    """A request that may bring large files, which wait in `incoming`: a machine's own folder for that may be memory."""

    max_content_length = REQUEST_BYTES

    def __init__(self, environ: "WSGIEnvironment", incoming: Path) -> None:
        super().__init__(environ)
        self._incoming = incoming

    def _get_file_stream(self, *_args: object, **_named: object) -> Received:
        """Where the form's parser puts a file; it may come with any claim about its size."""
        return Received(self._incoming)


def store(bucket: "storage.Bucket", file: FileStorage) -> str | None:
    """Uploads a file, and says why not where it is not taken.

    As an ad it goes by its name. The object's name has the content's hash in it: the same file again is the same ad,
    and another file of the same name another one.
    """
    received, name = file.stream, shown_name(file.filename or "")
    assert isinstance(received, Received)  # noqa: S101 - made above
    if received.size > FILE_BYTES:
        return f"{name}: {received.size:,} bytes, the limit is {FILE_BYTES:,}"
    blob = bucket.blob(inputs.object_name(received.digest.hexdigest()[:16], name))
    blob.metadata = {"ad_id": name}
    blob.upload_from_file(received, rewind=True, size=received.size)
    return None


def shown_name(name: str) -> str:
    """A file's name without folders and without what is no character to be seen."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(each for each in last if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return seen.strip()[:_NAME_CHARS] or "unnamed"
