"""Files as a browser sends them, on their way into the creatives bucket: on disk meanwhile, never in memory."""

import hashlib
import io
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request

from creatives.analysis import archives, inputs, listfiles
from creatives.analysis.archives import ArchiveError
from creatives.analysis.inputs import Feed
from creatives.analysis.listfiles import ListError
from creatives.page.following import Sent
from shared import batches
from shared.columns import BY_NAME
from shared.counting import many
from shared.junk import is_hidden, is_junk
from shared.media.sniffing import HEAD_BYTES
from shared.refusals import Refusal

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


@dataclass(frozen=True)
class Taken:
    """What became of a file that came in.

    Attributes:
        ads: those that it brought.
        refused: what was not taken, each with the reason.
    """

    ads: tuple[Sent, ...] = ()
    refused: tuple[str, ...] = ()


def take(bucket: "storage.Bucket", publish: Callable[[Feed], None], file: FileStorage, incoming: Path) -> Taken:
    """Takes a file as the command does: a creative, a list of addresses, or a zip archive of creatives.

    As an ad a creative goes by its name. Its object's name has the content's hash in it: the same file again is the
    same ad, and another file of the same name another one.
    """
    received, name = file.stream, shown_path(file.filename or "")
    assert isinstance(received, Received)  # noqa: S101 - made above
    if "/" in name and is_hidden(name) and not is_junk(name):
        return Taken(refused=(f"{name}: hidden, left out",))
    if is_junk(name):
        return Taken(refused=(f"{name}: no creative, left out",))
    if received.size > FILE_BYTES:
        return Taken(refused=(f"{name}: {received.size:,} bytes, the limit is {FILE_BYTES:,}",))
    with tempfile.TemporaryDirectory(dir=incoming) as folder:
        path = Path(folder) / "file"
        try:
            return (
                _listed(received, name, publish)
                or _unpacked(bucket, publish, received, name, path)
                or _stored(bucket, received, name)
            )
        except ListError as error:
            return Taken(refused=(str(error),))
        except ArchiveError as error:
            return Taken((_refused(bucket, error.refusal, name),))


def _listed(received: Received, name: str, publish: Callable[[Feed], None]) -> Taken | None:
    received.seek(0)
    head = received.read(HEAD_BYTES)
    if received.size > listfiles.MOST_BYTES or not listfiles.may_be_list(name, head):
        return None
    return _published(head + received.read(), name, publish)


def _published(content: bytes, name: str, publish: Callable[[Feed], None]) -> Taken | None:
    listing = listfiles.read_if_list(content, name, BY_NAME)
    if listing is None:
        return None
    feed = inputs.feed_of(listing, name)
    publish(feed)
    return Taken(sent_of(feed), tuple(feed.notes))


def _unpacked(
    bucket: "storage.Bucket", publish: Callable[[Feed], None], received: Received, name: str, path: Path
) -> Taken | None:
    if Path(name).suffix.lower() != ".zip":
        return None
    received.seek(0)
    archive = path.with_suffix(".zip")
    with archive.open("wb") as file:
        shutil.copyfileobj(received, file)
    if not archives.is_archive_of_files(archive):
        return None
    members = list(archives.unpack(archive, path))
    there = [member for member in members if member.refusal or member.path.exists()]
    are_lists = inputs.hold_lists(there)
    taken = [_member(bucket, publish if are_lists else None, member, f"{name}/{member.name}") for member in there]
    left_out = len(members) - len(there)
    told = (f"{name}: {many(left_out, 'file')} hidden or no creatives, left out",) if left_out else ()
    return Taken(
        tuple(ad for each in taken for ad in each.ads), (*(note for each in taken for note in each.refused), *told)
    )


def _member(
    bucket: "storage.Bucket", publish: Callable[[Feed], None] | None, member: archives.Member, name: str
) -> Taken:
    if member.refusal:
        return Taken((_refused(bucket, member.refusal, name),))
    content = member.path.read_bytes()
    try:
        if publish and (taken := _published(content, name, publish)):
            return taken
    except ListError as error:
        return Taken(refused=(str(error),))
    return Taken((_store(bucket, io.BytesIO(content), hashlib.sha256(content).hexdigest(), name, len(content)),))


def _stored(bucket: "storage.Bucket", received: Received, name: str) -> Taken:
    return Taken((_store(bucket, received, received.digest.hexdigest(), name, received.size),))


def _refused(bucket: "storage.Bucket", refusal: Refusal, name: str) -> Sent:
    """An ad of whose file nothing is kept but why."""
    content = refusal.content(name)
    return _store(bucket, io.BytesIO(content), hashlib.sha256(content).hexdigest(), name, len(content), refusal)


def _store(
    bucket: "storage.Bucket", content: IO[bytes], digest: str, name: str, size: int, refusal: Refusal | None = None
) -> Sent:
    blob = bucket.blob(inputs.object_name(digest[:16], name.rpartition("/")[2]))
    ad_id = name[-batches.MAX_AD_ID_CHARS :]
    blob.metadata = {"ad_id": ad_id, **(refusal.metadata if refusal else {})}
    blob.upload_from_file(content, rewind=True, size=size)
    return ad_id, f"gs://{bucket.name}/{blob.name}"


def sent_of(feed: Feed) -> tuple[Sent, ...]:
    """The ads of a list."""
    return tuple((ad.ad_id, ad.url) for ad in feed.urls)


def shown_path(path: str) -> str:
    """A file's name with the folders that were chosen with it, which tell two of one name apart."""
    parts = [part for part in path.split("/") if part.strip() not in ("", ".", "..")]
    return "/".join(shown_name(part) for part in parts) or "unnamed"


def shown_name(name: str) -> str:
    """A file's name without folders and without what is no character to be seen."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(each for each in last if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return seen.strip()[:_NAME_CHARS] or "unnamed"
