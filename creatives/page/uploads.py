"""Files as a browser sends them, on their way into the creatives bucket: on disk meanwhile, never in memory.

What cannot work is refused, with why, and is no ad: by its first bytes and its size before all of it is sent, and
again when it is here.
"""

import hashlib
import io
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request

from creatives.analysis import archives, inputs, listfiles
from creatives.analysis.addresses import Limits
from creatives.analysis.archives import ArchiveError
from creatives.analysis.inputs import Feed, InputError
from creatives.analysis.listfiles import ListError
from creatives.page import refusing
from creatives.page.following import Sent
from creatives.page.refusing import Refused
from shared import batches
from shared.columns import BY_NAME, Choice
from shared.counting import many, the_first, verb
from shared.media.sniffing import HEAD_BYTES
from shared.refusals import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from google.cloud import storage

REQUEST_BYTES = 20 * 10**9
_MEMORY_BYTES = 2**20
_NAME_CHARS = 200
_TOLD = 3
_MOST_COLUMNS = 200
_OF_RESULTS = Choice(of_results=True)


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
        if self.size <= refusing.FILE_BYTES:
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
class _Here:
    """A file that came in, as what tells types reads it."""

    content: IO[bytes]
    size: int

    def read_range(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`."""
        self.content.seek(offset)
        return self.content.read(size)


@dataclass(frozen=True)
class Taken:
    """What became of a file that came in.

    Attributes:
        ads: those that it brought.
        refused: what was not taken.
        notes: what else is to be told.
    """

    ads: tuple[Sent, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.ads + other.ads, self.refused + other.refused, self.notes + other.notes)


@dataclass(frozen=True)
class Taking:
    """Takes files as the command does: a creative, a list of addresses, or a zip archive of either.

    Attributes:
        bucket: where creatives go.
        publish: what is done with lists; gives what is to be told of that.
        incoming: a folder for what is unpacked.
        limits: of the pipeline.
        columns: of lists, where the person said which.
    """

    bucket: "storage.Bucket"
    publish: Callable[[Feed], Iterable[str]]
    incoming: Path
    limits: Limits
    columns: Choice = BY_NAME

    def take(self, file: FileStorage) -> Taken:
        """Takes a file, or says why not.

        As an ad a creative goes by its name. Its object's name has the content's hash in it: the same file again is
        the same ad, and another file of the same name another one.
        """
        received, name = file.stream, shown_path(file.filename or "")
        assert isinstance(received, Received)  # noqa: S101 - made above
        received.seek(0)
        head = received.read(HEAD_BYTES)
        if refused := refusing.refusal(name, received.size, head, self.limits):
            return Taken(refused=(refused,))
        with tempfile.TemporaryDirectory(dir=self.incoming) as folder:
            try:
                return (
                    self._listed(received, name, head)
                    or self._unpacked(received, name, head, Path(folder) / "file")
                    or self._stored(received, name)
                )
            except ListError as error:
                return Taken(refused=(_of_list(name, error),))
            except ArchiveError as error:
                return Taken(refused=(_of_archive(name, error.refusal),))

    def _listed(self, received: Received, name: str, head: bytes) -> Taken | None:
        if received.size > listfiles.MOST_BYTES or not listfiles.may_be_list(name, head):
            return None
        return self._published(head + received.read(), name)

    def _published(self, content: bytes, name: str) -> Taken | None:
        try:
            listing = listfiles.read_if_list(content, name, self.columns)
        except ListError:
            if self.columns == BY_NAME and (taken := self._of_results(content, name)):
                return taken
            raise
        if listing is None:
            return None
        feed, refused = refusing.without_unfit_rows(inputs.feed_of(listing, name), name, self.limits)
        self.publish(feed)
        notes = (*map(refusing.without_options, feed.notes), *_several(feed, name), *_kept_back(feed, refused, name))
        return Taken(sent_of(feed), refused, notes)

    def _of_results(self, content: bytes, name: str) -> Taken | None:
        feed = results_of(content, name)
        return None if feed is None else told_results(feed, name, self.publish(feed))

    def _unpacked(self, received: Received, name: str, head: bytes, path: Path) -> Taken | None:
        if not archives.may_be_archive(name, head):
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
        taken = sum((self._member(each, f"{name}/{each.name}", are_lists=are_lists) for each in there), Taken())
        left_out = len(members) - len(there)
        told = (f"{name}: {many(left_out, 'file')} hidden or no creatives, left out",) if left_out else ()
        return taken + Taken(notes=told)

    def _member(self, member: archives.Member, name: str, *, are_lists: bool) -> Taken:
        if member.refusal:
            return Taken(refused=(_of_archive(name, member.refusal),))
        content = member.path.read_bytes()
        try:
            if are_lists and (taken := self._published(content, name)):
                return taken
        except ListError as error:
            return Taken(refused=(_of_list(name, error),))
        return self._as_ad(io.BytesIO(content), hashlib.sha256(content).hexdigest(), name, len(content))

    def _stored(self, received: Received, name: str) -> Taken:
        return self._as_ad(received, received.digest.hexdigest(), name, received.size)

    def _as_ad(self, content: IO[bytes], digest: str, name: str, size: int) -> Taken:
        if refused := refusing.of_media(name, _Here(content, size), self.limits):
            return Taken(refused=(refused,))
        blob = self.bucket.blob(inputs.object_name(digest[:16], name.rpartition("/")[2]))
        ad_id = name[-batches.MAX_AD_ID_CHARS :]
        blob.metadata = {"ad_id": ad_id}
        blob.upload_from_file(content, rewind=True, size=size)
        return Taken(((ad_id, f"gs://{self.bucket.name}/{blob.name}"),))


def _several(feed: Feed, name: str) -> Iterator[str]:
    """The ids that stand with more than one address: each of these is counted as an ad."""
    several = [(ad_id, number) for ad_id, number in Counter(ad.ad_id for ad in feed.urls).items() if number > 1]
    if several:
        told = [f"{ad_id[:_NAME_CHARS]} ({many(number, 'ad')})" for ad_id, number in several]
        first = the_first(told, _TOLD)
        yield f"{name}: {many(len(several), 'id')} with several addresses, each counted as an ad: {first}"


def _kept_back(feed: Feed, refused: Sequence[Refused], name: str) -> Iterator[str]:
    """How many ads of a list were not sent; each is told by itself."""
    if refused:
        ads = many(len(refused) + len(feed.urls), "ad")
        what = verb(len(refused), "is not sent: its address", "are not sent: their addresses")
        yield f"{name}: {len(refused):,} of {ads} {what} cannot be opened"


def _of_archive(name: str, found: Refusal) -> Refused:
    return Refused(name, refusing.why(found.reason, found.detail))


def _of_list(name: str, error: ListError) -> Refused:
    return refusing.of_list(name, str(error), error.columns[:_MOST_COLUMNS])


def results_of(content: bytes, name: str) -> Feed | None:
    """What a list tells that ads got, without addresses of them; None of any other."""
    try:
        feed = inputs.parse_list(content, name=name, choice=_OF_RESULTS)
    except InputError:
        return None  # its reader has told what it lacks as a list of ads
    return feed if feed.results else None


def told_results(feed: Feed, name: str, more: Iterable[str]) -> Taken:
    """What is told of results that were brought in: they are no ad."""
    told = f"{name}: {many(len(feed.results), 'row')} of results of {many(feed.results.n_ads, 'ad')} read"
    return Taken(notes=(told, *map(refusing.without_options, feed.notes), *(f"{name}: {each}" for each in more)))


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
